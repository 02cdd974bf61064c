"""Keras, loaded once and quietly; the modules that build or train networks take it from here.

TensorFlow writes log lines to file descriptor 2 while it is imported, whatever its own switches say, and a notebook would
store them. They are turned away for the time of the import alone, so that no later warning is lost. The backend is
TensorFlow unless the variable ``KERAS_BACKEND`` says ``jax``.

Loading is made short: without the packages that nobody here uses, and without looking for garbage. On Linux the process is told
to keep some freed memory as well, which spares each training step asking for it anew.
"""

import ctypes
import gc
import importlib
import logging
import os
import sys
from contextlib import contextmanager, suppress

from lab_utils.errors import MissingToolError

BACKENDS = ("tensorflow", "jax")
KEPT_BYTES = 64 * 2**20


@contextmanager
def _descriptor_2_turned_away():
    """Send what C++ code writes to the error stream nowhere while the block runs; Python's own errors still surface."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _without(*names):
    """Let nobody import the modules `names` while the block runs, but for those that are loaded already."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def _without_collections():
    """Keep Python from looking for garbage while the block runs: among modules being loaded it finds next to none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def settle():
    """Let Keras load what it feeds data with: on JAX it imports TensorFlow then, if there is one, and this keeps it quiet."""
    if keras.backend.backend() != "tensorflow":
        with _descriptor_2_turned_away(), suppress(ImportError):
            importlib.import_module("tensorflow")


def _keep_freed_memory():
    """Let the C library keep, per arena, some memory that a training step has freed, for the next step wants as much again.

    glibc gives it back and asks for it anew at every step; of a small VAE's training on two cores that was a tenth.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(-2, KEPT_BYTES)  # M_TOP_PAD of malloc.h


def _load():
    _keep_freed_memory()
    name = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if name not in BACKENDS:
        raise MissingToolError(f"KERAS_BACKEND: expected {' or '.join(BACKENDS)}, received {name!r}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its sums differ between processors
    try:
        # Where it finds them, Keras loads scikit-learn for its wrappers, and TensorFlow loads JAX for a converter. Nobody here
        # uses either, and each is a tenth of the whole import.
        with _descriptor_2_turned_away(), _without_collections(), _without("sklearn", *{"jax"} - {name}):
            import keras
            from keras import layers, ops  # noqa: F401  makes both loaded, hence quiet, from here on

            if name == "tensorflow":  # JAX must not look for devices before it has joined other processes
                ops.zeros(())  # looks for devices, which is when TensorFlow misses a GPU aloud
    except ImportError as error:
        raise MissingToolError(f"KERAS_BACKEND: {name!r} cannot be loaded ({error}); install it or name the other.") from error
    # Pieces of new lengths are traced anew, as they must be; TensorFlow advises against it each time, in the cell's output.
    logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
    return keras


keras = _load()
