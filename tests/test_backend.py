"""The backend loads without a word on the error stream, and a wrong name is told in one line."""

import os
import subprocess
import sys

import pytest

QUIET = "from lab_utils.backend import keras, settle; settle(); keras.utils.set_random_seed(1); print(keras.backend.backend())"


def _python(code, **variables):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **variables})


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_loading_is_quiet_and_the_error_stream_works_after_it(name):
    unused = {"tensorflow": {"sklearn", "jax"}, "jax": {"sklearn"}}[name]  # nor barred from being loaded later
    after = f"import gc, os, sys; print({unused} & {{*sys.modules}}, gc.isenabled()); os.write(2, b'a real warning')"
    done = _python(f"{QUIET}; {after}", KERAS_BACKEND=name)
    assert (done.stdout.split(), done.stderr) == ([name, "set()", "True"], "a real warning")


def test_an_unknown_backend_is_refused():
    done = _python(
        "from lab_utils.errors import MissingToolError\n"
        "try:\n    import lab_utils.backend\nexcept MissingToolError as error:\n    print(error)",
        KERAS_BACKEND="abacus",
    )
    assert done.stdout.strip() == "KERAS_BACKEND: expected tensorflow or jax, received 'abacus'."
