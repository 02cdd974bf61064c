"""The device is described as the backend sees it."""

from lab_utils.training import describe


def test_it_names_backend_version_and_at_least_one_device():
    found = describe()
    assert found["backend"] in ("tensorflow", "jax")
    assert found["version"][0].isdigit() and found["keras"].startswith("3.")
    assert any(device.startswith("CPU") or found["gpu"] for device in found["devices"])
