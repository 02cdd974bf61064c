"""A tiny run that the recipe's tests share: made once, from a file of a few made-up pieces."""

import json

import numpy as np
import pytest

from lab_utils.recipes import chorale


def made_up_pieces(count=8, steps=64, seed=0):
    """Grids of four voices that walk by steps; JSON lists."""
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(count):
        walk = np.clip(np.cumsum(rng.integers(-1, 2, (steps // 4, 4)), axis=0), -6, 6) + [70, 64, 58, 50]
        pieces.append(np.repeat(walk, 4, axis=0).tolist())
    return pieces


@pytest.fixture(scope="session")
def pieces_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "pieces.json"
    path.write_text(json.dumps(made_up_pieces()))
    return path


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory, pieces_file):
    return chorale.train(size="tiny", data=str(pieces_file), out=tmp_path_factory.mktemp("runs") / "tiny", progress=False)
