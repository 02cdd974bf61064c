"""Occlusion maps of judges that are known to look at one place."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import occlusion

PICTURE = np.zeros((24, 40), np.float32)
PICTURE[10:12, 20:22] = 1


def looks_at_the_middle(pictures):
    """Class 1 to the degree in which the four bright cells are bright."""
    seen = pictures[:, 10:12, 20:22].mean(axis=(1, 2))
    return np.stack([1 - seen, seen], axis=1)


def test_the_map_finds_the_one_place_that_is_looked_at():
    found = occlusion.evaluate(looks_at_the_middle, PICTURE, patch=(2, 2), step=(2, 2))
    assert (found["label"], found["probability"]) == (1, 1)
    expected = np.zeros(PICTURE.shape)
    expected[10:12, 20:22] = 1
    np.testing.assert_allclose(found["map"], expected)
    assert found["falls"].shape == (12, 20) and found["falls"][5, 10] == 1 and found["falls"].sum() == 1


def test_the_other_class_rises_and_overlapping_patches_are_averaged():
    found = occlusion.evaluate(looks_at_the_middle, PICTURE, label=0, patch=(4, 4), step=(2, 2))
    assert found["map"].min() == pytest.approx(-1) and found["map"].max() <= 0
    by_hand = -(np.array([[0.5], [1], [0.5]]) * [[0.5, 1, 0.5]])  # of 2 × 2 patches over each cell, those that reach the middle
    np.testing.assert_allclose(found["map"][9:14:2, 19:24:2], by_hand)


def test_patches_reach_the_far_edges_and_fill_with_silence():
    seen = []

    def edge(pictures):
        seen.append(pictures)
        dark = (pictures[:, -1, -1] == -1).astype(float)
        return np.stack([1 - dark, dark], axis=1)

    found = occlusion.evaluate(edge, np.ones((10, 9)), patch=(4, 4), step=(4, 4), fill=-1.0)
    assert found["starts"][0].tolist() == [0, 4, 6] and found["starts"][1].tolist() == [0, 4, 5]
    assert np.flatnonzero(found["falls"]).tolist() == [8]
    assert ((seen[-1] == -1).sum(axis=(1, 2)) == 16).all()


def test_many_patches_are_judged_in_parts():
    sizes = []

    def counted(pictures):
        sizes.append(len(pictures))
        return looks_at_the_middle(pictures)

    found = occlusion.evaluate(counted, PICTURE, patch=(1, 1), step=(1, 1))
    assert sum(sizes) == 1 + 24 * 40 and max(sizes) <= occlusion.AT_ONCE
    assert found["map"].sum() == pytest.approx(4 * 0.25)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: occlusion.evaluate(looks_at_the_middle, PICTURE[None]), "picture: expected finite numbers"),
        (lambda: occlusion.evaluate(looks_at_the_middle, PICTURE * np.nan), "picture: expected finite numbers"),
        (lambda: occlusion.evaluate(looks_at_the_middle, PICTURE, patch=(25, 2)), r"patch: expected \(steps, bins\)"),
        (lambda: occlusion.evaluate(looks_at_the_middle, PICTURE, step=(0, 2)), r"step: expected \(steps, bins\)"),
        (lambda: occlusion.evaluate(looks_at_the_middle, PICTURE, label=2), "label: expected a class from 0 to 1"),
        (lambda: occlusion.evaluate(lambda x: x[:, 0, 0], PICTURE), "predict: expected probabilities"),
        (lambda: occlusion.evaluate(lambda x: 3 + x[:, 0], PICTURE), "predict: expected probabilities"),
    ],
)
def test_bad_input_is_told_in_one_line(call, words):
    with pytest.raises(ParameterError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
