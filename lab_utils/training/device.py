"""What the networks run on: one device, several of one machine, or several machines. Alone names TensorFlow and JAX.

Without a wish, one device: the first GPU if there is one, else the processor. ``devices`` takes several of this machine: each
holds all weights and works on its share of every batch (data parallelism). ``coordinator``, ``processes`` and ``rank`` join
several processes, each of them started by hand or by a cluster's scheduler with the same command but its own rank; gradients are
summed over all, so that what is learnt is what one process learns from the same batches. Only rank 0 writes files.

Both go through ``keras.distribution``, hence need JAX: under TensorFlow, Keras 3's ``fit`` cannot train on several devices.
Processors talk over gloo, GPUs over NCCL.

Mixed precision (Micikevicius et al., 2018) computes in 16 bits and keeps the weights in 32; with "mixed_float16" Keras scales the
loss. XLA compiles a training step into one program: "auto" leaves it to Keras, which does so wherever a model allows it.
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import LabError, MissingToolError, ParameterError

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclass(frozen=True)
class Hardware:
    """What a training is to run on, and how.

    Parameters
    ----------
    devices : int, optional
        How many devices of this machine share each batch; by default one, or with several processes all that a process has.
    precision : str
        "float32", "mixed_bfloat16" or "mixed_float16".
    xla : bool or "auto"
        Whether training steps are compiled.
    coordinator : str, optional
        "HOST:PORT" of the machine of rank 0, for several processes.
    processes : int
        How many there are.
    rank : int
        Which of them this is, from 0.
    """

    devices: int | None = None
    precision: str = "float32"
    xla: bool | str = "auto"
    coordinator: str | None = None
    processes: int = 1
    rank: int = 0

    def __post_init__(self):
        if self.precision not in PRECISIONS:
            raise ParameterError(f"precision: expected one of {', '.join(PRECISIONS)}; received {self.precision!r}.")
        if self.xla not in (True, False, "auto"):
            raise ParameterError(f"xla: expected True, False or 'auto'; received {self.xla!r}.")
        if self.devices is not None and self.devices < 1:
            raise ParameterError(f"devices: expected at least 1, received {self.devices}.")
        if self.processes < 1 or not 0 <= self.rank < self.processes:
            raise ParameterError(f"rank: expected 0 to under {self.processes}, the number of processes; received {self.rank}.")
        if self.processes > 1 and ":" not in (self.coordinator or ""):
            raise ParameterError(f"coordinator: expected HOST:PORT for several processes, received {self.coordinator!r}.")
        if self.processes == 1 and self.coordinator:
            raise ParameterError("processes: expected at least 2 beside a coordinator, received 1; say how many there are.")

    @property
    def writes(self):
        """Whether this process writes the run's files."""
        return self.rank == 0

    def check(self, batch):
        """Raise, before anything is written, what :func:`prepared` would, and a ParameterError for a batch of no equal parts."""
        shares = self.processes * (self.devices or 1)
        if batch % shares:
            raise ParameterError(
                f"batch: expected a multiple of {shares}, the number of devices that share it; received {batch}."
            )
        if self.processes == 1:  # several must find each other first
            _chosen(self)
        else:
            _needs_jax("processes")


def describe():
    """Return the backend, its version and its devices.

    Returns
    -------
    dict
        ``backend`` ("tensorflow" or "jax"), ``version``, ``keras``, ``devices`` (list of str such as "CPU:0"), ``gpu`` (bool).
    """
    name = keras.backend.backend()
    if name == "jax":
        import jax as library

        devices = [f"{device.platform.upper()}:{device.id}" for device in library.devices()]
    else:
        import tensorflow as library

        devices = [device.name.removeprefix("/physical_device:") for device in library.config.list_physical_devices()]
    gpu = any(not device.startswith("CPU") for device in devices)
    return {"backend": name, "version": library.__version__, "keras": keras.__version__, "devices": devices, "gpu": gpu}


@contextmanager
def prepared(hardware=None):
    """Make everything that is built and trained in the block run on `hardware`; afterwards all is as it was.

    Yields
    ------
    str
        One line that says what is used.

    Raises
    ------
    ParameterError
        If there are fewer devices than asked for.
    MissingToolError
        If the backend cannot do it.
    LabError
        If the processes do not find each other.
    """
    hardware = hardware or Hardware()
    _join(hardware)
    devices = _chosen(hardware)
    parallel = keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False) if len(devices) > 1 else None
    policy, before = keras.config.dtype_policy(), keras.distribution.distribution()
    keras.config.set_dtype_policy(hardware.precision)
    keras.distribution.set_distribution(parallel)
    try:
        yield _line(hardware, devices)
    finally:
        keras.config.set_dtype_policy(policy)
        keras.distribution.set_distribution(before)


@contextmanager
def alone(model):
    """Hold the variables of `model` on one device of this process while the block runs, with no word to the others.

    So a model in training predicts and composes in batches of any size, on rank 0 alone if need be.
    """
    several = keras.distribution.distribution()
    if several is None:
        yield
        return
    kept = [(v, v._layout, np.copy(keras.ops.convert_to_numpy(v))) for v in model.variables]
    keras.distribution.set_distribution(None)
    for variable, _, value in kept:
        variable._layout = None  # where Keras notes the devices of a variable
        variable.assign(value)
    try:
        yield
    finally:
        keras.distribution.set_distribution(several)
        for variable, layout, value in kept:
            variable._layout = layout
            variable.assign(value)


def compiled(function, variables):
    """Return `function` as one program of the backend, for steps that are taken many times from Python.

    Parameters
    ----------
    function : callable
        Of arrays, in ``keras.ops``, that uses `variables` and changes none. Each new shape is compiled anew.
    variables : list of keras.Variable
        They must stay as they are: on JAX their values are read once, for reading them takes longer than a small step.

    Returns
    -------
    callable
        What it returns stays on the device.
    """
    if keras.backend.backend() != "jax":
        import tensorflow

        traced, programs = tensorflow.function(function, jit_compile=True), {}

        def run(*arguments):
            arguments = [tensorflow.convert_to_tensor(one) for one in arguments]
            key = tuple((one.dtype, tuple(one.shape)) for one in arguments)  # its own look-up costs as much as a small step
            if key not in programs:
                programs[key] = _called_flat(traced.get_concrete_function(*arguments))
            return programs[key](*arguments)

        return run
    import jax

    @jax.jit
    def run(values, *arguments):
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            return function(*arguments)

    return partial(run, [jax.numpy.array(variable.value, copy=True) for variable in variables])  # Keras may give its own away


def agreed(value, hardware):
    """Return rank 0's `value` (float) on every process, so that all of them decide alike."""
    if hardware.processes == 1:
        return value
    from jax.experimental import multihost_utils

    return float(multihost_utils.broadcast_one_to_all(np.float32(value)))


def _join(hardware):
    """Find the other processes; once in a process's life, and before it computes anything."""
    if hardware.processes == 1:
        return
    _needs_jax("processes")
    import jax

    if jax.distributed.is_initialized():
        return
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        with _output_as_errors():  # gloo tells of its peers on the output stream, where results go
            keras.distribution.initialize(hardware.coordinator, hardware.processes, hardware.rank)
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise LabError(
            f"coordinator: {hardware.coordinator} brought no {hardware.processes} processes together ({reason})."
        ) from error


@contextmanager
def _output_as_errors():
    """Send what C++ code writes to the output stream to the error stream while the block runs."""
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _needs_jax(what):
    if keras.backend.backend() != "jax":
        raise MissingToolError(f"{what}: several need JAX; set KERAS_BACKEND=jax (Keras 3 trains on one device of TensorFlow).")


def _chosen(hardware):
    """Return the names of the devices that share the work, of all processes together."""
    if keras.backend.backend() != "jax":
        if (hardware.devices or 1) > 1:
            _needs_jax("devices")
        found = describe()["devices"]
        return [device for device in found if device.startswith("GPU")][:1] or found[:1]  # which TensorFlow takes by itself
    import jax

    local = jax.local_devices()
    if len(local) < (hardware.devices or 1):
        raise ParameterError(
            f"devices: this machine has {len(local)} ({local[0].platform}), received {hardware.devices}; a processor "
            "counts as one, or as N if XLA_FLAGS=--xla_force_host_platform_device_count=N is set before the start."
        )
    taken = hardware.devices or (1 if hardware.processes == 1 else len(local))
    chosen = []
    for process in range(hardware.processes):
        own = [device for device in jax.devices() if device.process_index == process]
        chosen += [f"{device.platform}:{device.id}" for device in own[:taken]]
    return chosen


def _line(hardware, devices):
    found, kind = describe(), devices[0].split(":")[0].upper()
    what = ", ".join(name.upper() for name in devices) if len(devices) <= 4 else f"{len(devices)} × {kind}"
    several = f", process {hardware.rank} of {hardware.processes}" if hardware.processes > 1 else ""
    xla = {True: "on", False: "off"}.get(hardware.xla, hardware.xla)
    return f"training on {what}{several}: {found['backend']} {found['version']}, {hardware.precision}, XLA {xla}"


def _called_flat(program):
    """Return TensorFlow's concrete function without its check of each call's signature, which costs as much as a small step."""
    inner = getattr(program, "inference_fn", None)
    if not hasattr(inner, "call_preflattened"):  # an inside of TensorFlow's: where it is gone, the slower call does the same
        return program
    captured = list(program.captured_inputs)
    return lambda *arguments: inner.call_preflattened([*arguments, *captured])
