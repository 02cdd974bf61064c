"""Tiny runs that the recipes' tests share: made once, from a file of a few made-up pieces; and a few made-up tunes."""

import json
import shutil
import warnings
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.recipes import chorale, melody
from lab_utils.training import Run

SECTIONS = [("d", "B"), ("e", "c"), ("g", "d"), ("B", "G"), ("c", "A"), ("f", "d"), ("A", "F"), ("d", "c")]
JIGS = [
    f"X:{n}\nT:Jig {n}\nM:6/8\nL:1/8\nK:G\n|: {a}AB {b}AG | {a}2A {b}3 | GAB {a}AG | G3 {b}3 :|\n"
    for n, (a, b) in enumerate(SECTIONS, 1)
]


def made_up_pieces(count=8, steps=64, seed=0):
    """Grids of four voices that walk by steps; JSON lists."""
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(count):
        walk = np.clip(np.cumsum(rng.integers(-1, 2, (steps // 4, 4)), axis=0), -6, 6) + [70, 64, 58, 50]
        pieces.append(np.repeat(walk, 4, axis=0).tolist())
    return pieces


@pytest.fixture(scope="session")
def train_tiny(tmp_path_factory):
    """Call it with a recipe and its options; it returns the folder of a tiny run.

    Beside it stands a copy as it was after its first epoch, which is what is left of a run that is stopped there.
    """

    def train(recipe, **options):
        out = tmp_path_factory.mktemp("runs") / "run"

        def keep(epoch, row):
            if epoch == 1:
                shutil.copytree(out, out.with_name("stopped"))

        return recipe.train(size="tiny", out=out, progress=False, on_epoch=keep, **options)

    return train


@pytest.fixture
def go_on(tmp_path):
    """Call it with a recipe and a run of `train_tiny`: it resumes the run that was stopped, and returns both histories.

    On TensorFlow step by step, not as a graph, which takes longer to make than these few steps; and so compares the two.
    """

    def both(recipe, run, **options):
        folder = tmp_path / "run"
        shutil.copytree(run.with_name("stopped"), folder)
        assert Run(folder).epochs_done == 1
        with _step_by_step():
            recipe.resume(folder, progress=False, **options)
        return Run(folder).history(), Run(run).history()

    return both


@contextmanager
def _step_by_step():
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Even though the .* does not apply to tf.data")
            yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def pieces_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "pieces.json"
    path.write_text(json.dumps(made_up_pieces()))
    return path


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory, pieces_file):
    return chorale.train(size="tiny", data=str(pieces_file), out=tmp_path_factory.mktemp("runs") / "tiny", progress=False)


@pytest.fixture(scope="session")
def steps_run(tmp_path_factory, pieces_file):
    """A tiny melody network with attention, trained on the sopranos of the made-up pieces."""
    out = tmp_path_factory.mktemp("runs") / "steps"
    return melody.train(size="tiny", data=str(pieces_file), variant="attention", out=out, progress=False)


@pytest.fixture
def jigs(monkeypatch):
    """A data set of a few made-up tunes in the place of the two books; returns their texts."""
    from lab_utils import datasets
    from lab_utils.encoding.abc_tokens import symbols_from_abc

    tunes = [SimpleNamespace(symbols=symbols_from_abc(text)) for text in JIGS]
    folds = {"train": tunes[:6], "valid": tunes[6:]}
    monkeypatch.setattr(datasets, "load_tunes", lambda: SimpleNamespace(fold=folds.__getitem__), raising=False)
    return JIGS


@pytest.fixture(scope="session")
def style_run(tmp_path_factory):
    """A tiny classifier of notes, trained on two bars of each piece."""
    from lab_utils.recipes import style

    return style.train(size="tiny", out=tmp_path_factory.mktemp("runs") / "style", progress=False)


@pytest.fixture(scope="session")
def wavenet_run(train_tiny):
    """A tiny WaveNet that is told of notes."""
    from lab_utils.recipes import wavenet

    return train_tiny(wavenet)
