"""What the networks run on: the backend and its devices. The one module that names TensorFlow and JAX."""

from lab_utils.backend import keras


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
