"""Keras, loaded once and quietly; the modules that build or train networks take it from here.

TensorFlow writes log lines to file descriptor 2 while it is imported, whatever its own switches say, and a notebook would
store them. They are turned away for the time of the import alone, so that no later warning is lost. The backend is
TensorFlow unless the variable ``KERAS_BACKEND`` says ``jax``.
"""

import importlib
import logging
import os
import sys
from contextlib import contextmanager, suppress

from lab_utils.errors import MissingToolError

BACKENDS = ("tensorflow", "jax")


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
def _without(name):
    """Let nobody import the module `name` while the block runs, unless it is loaded already."""
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None
    try:
        yield
    finally:
        if absent:
            del sys.modules[name]


def settle():
    """Let Keras load what it feeds data with: on JAX it imports TensorFlow then, if there is one, and this keeps it quiet."""
    if keras.backend.backend() != "tensorflow":
        with _descriptor_2_turned_away(), suppress(ImportError):
            importlib.import_module("tensorflow")


def _load():
    name = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if name not in BACKENDS:
        raise MissingToolError(f"KERAS_BACKEND: expected {' or '.join(BACKENDS)}, received {name!r}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its sums differ between processors
    try:
        # Keras loads scikit-learn, where it finds it, for wrappers that nobody here uses: a tenth of the whole import.
        with _descriptor_2_turned_away(), _without("sklearn"):
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
