"""Our GRU and LSTM are Keras': the same states, gradients and weights; and Keras' own loop runs where ours does not apply.

Our dropout drops as many as it should, each place by itself, and others the next time.
"""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.models import layers

PAIRS = {"gru": (layers.GRU, keras.layers.GRU), "lstm": (layers.LSTM, keras.layers.LSTM)}
TRAINED = """
import json, sys
import numpy as np
from lab_utils.backend import keras
from lab_utils.models import layers
figures = {}
for name, pair in {"gru": (layers.GRU, keras.layers.GRU), "lstm": (layers.LSTM, keras.layers.LSTM)}.items():
    made = []
    for layer in pair:
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((7, 3)), layer(5, return_sequences=True), layer(4, return_sequences=True)])
        rng = np.random.default_rng(0)
        for weight in model.trainable_variables:  # biases that are not nought
            weight.assign(rng.normal(size=weight.shape) / 2)
        x, y = rng.normal(size=(6, 7, 3)), rng.normal(size=(6, 7, 4))
        before = np.asarray(model.predict(x, verbose=0))
        model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse")
        model.fit(x, y, batch_size=6, epochs=3, verbose=0)
        made.append((before, [keras.ops.convert_to_numpy(weight) for weight in model.trainable_variables]))
    (one, weights), (other, expected) = made
    moved = max(float(np.abs(a).max()) for a in weights)
    gaps = [float(np.abs(a - b).max()) for a, b in zip(weights, expected, strict=True)]
    figures[name] = {"states": float(np.abs(one - other).max()), "weights": max(gaps), "moved": moved}
print(json.dumps(figures))
"""

DROPPED = """
import json
import numpy as np
from lab_utils.backend import keras
from lab_utils.models import layers
made = []
for layer in (layers.Dropout(0.3, seed=5), layers.Dropout(0.3, seed=5), layers.Dropout(0.3, seed=6)):
    ones = np.ones((16, 32, 64), np.float32)
    made.append([np.asarray(layer(ones, training=True)) for _ in range(3)])
rows = layers.Dropout(0.5, noise_shape=(None, None, 1))(ones, training=True)
kept = np.array(made) > 0  # (layers, calls, B, T, D)
streams = [*kept[0].reshape(3, -1), kept[2, 0].ravel(), np.roll(kept[0, 0].ravel(), 1), np.roll(kept[0, 0].ravel(), 64)]
print(json.dumps({
    "share": [float(1 - call.mean()) for call in kept[0]],
    "values": sorted({round(float(v), 4) for v in np.unique(made)}),
    "again": bool((kept[0] == kept[1]).all()),
    "correlation": float(np.abs(np.corrcoef(np.array(streams, float)) - np.eye(len(streams))).max()),
    "rows": [float(np.ptp(np.asarray(rows), axis=-1).max()), float((np.asarray(rows) > 0).mean())],
    "unchanged": bool((np.asarray(layer(ones)) == ones).all()),
}))
"""


@pytest.fixture(scope="module", params=["jax", "tensorflow"])
def figures(request):
    """What both programs print on a backend: on that of this process here, on the other in one of its own."""
    if request.param == keras.backend.backend():
        with redirect_stdout(io.StringIO()) as printed:
            exec(TRAINED + DROPPED, {})
        said = printed.getvalue()
    else:
        environment = {**os.environ, "KERAS_BACKEND": request.param}
        command = [sys.executable, "-c", TRAINED + DROPPED]
        said = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    return [json.loads(line) for line in said.splitlines()[-2:]]


def test_training_equals_keras_own(figures):
    for name, gaps in figures[0].items():
        assert gaps["states"] < 1e-5 and gaps["weights"] < 1e-5 < gaps["moved"], (name, gaps)


def test_dropout_drops_its_share_each_place_by_itself(figures):
    figures = figures[1]
    assert all(abs(share - 0.3) < 0.011 for share in figures["share"])  # 32,768 places: 4 standard errors
    assert figures["values"] == [0, 1.4286] and figures["again"] and figures["unchanged"]
    assert figures["correlation"] < 0.023
    assert figures["rows"][0] == 0 and abs(figures["rows"][1] - 0.5) < 0.1  # one number for a row of features


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_left_out_is_done_by_keras(name):
    ours, theirs = PAIRS[name]
    sequences = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    for options, call in (({}, {}), ({"return_sequences": True}, {"mask": mask}), ({"return_state": True}, {})):
        made = []
        for layer in (ours, theirs):
            keras.utils.set_random_seed(2)
            values = layer(4, **options)(sequences, **call)
            made.append([np.asarray(v) for v in (values if isinstance(values, (list, tuple)) else [values])])
        for one, other in zip(*made, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_a_layer_is_made_again_from_its_config(name):
    ours, _ = PAIRS[name]
    made = keras.layers.deserialize(keras.layers.serialize(ours(6, return_sequences=True)))
    assert type(made) is ours and made.units == 6 and made.return_sequences
