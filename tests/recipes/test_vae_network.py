"""How tokens are read from logits, and how phrases become a Score."""

import numpy as np
import pytest

from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, LOWEST, REST, VOCABULARY
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _vae_network as network


def test_the_likeliest_kind_comes_before_the_likeliest_pitch():
    shares = np.full((1, 32, VOCABULARY), 1e-9)
    shares[:, :, HOLD] = 0.9
    shares[0, 0, [HOLD, 10, 20]] = 1e-9, 0.6, 0.3
    shares[0, 4, [HOLD, 10, 20]] = 0.4, 0.25, 0.3  # a hold is the likeliest token, but something starts
    shares[0, 8, [HOLD, REST]] = 0.2, 0.7
    shares[0, 9, [HOLD, REST]] = 0.2, 0.7  # silence is there already: it is held
    tokens = network.tokens_from_logits(np.log(shares))
    assert tokens.dtype == np.int32 and tokens[0, [0, 4, 8, 9]].tolist() == [10, 20, REST, HOLD]
    assert (tokens == HOLD).sum() == 29


def test_phrases_in_a_row_are_one_score():
    one = np.full((2, 32), HOLD)
    one[:, 0], one[1, 16] = FIRST_PITCH + 60 - LOWEST, FIRST_PITCH + 67 - LOWEST
    score = network.score_from_phrases(one, title="Two")
    assert score.notes["onset_quarter"].tolist() == [0, 8, 12] and score.notes["pitch"].tolist() == [60, 60, 67]
    assert score.title == "Two" and score.meter == (4, 4)
    assert network.score_from_phrases(one[0]).duration_quarter == 8


def test_each_phrase_is_spelt_in_its_own_key():
    scale = np.array([60, 62, 64, 65, 67, 65, 64, 60])
    rows = np.full((4, 32), HOLD)
    for row, shift in zip(rows, (0, 0, 4, -3), strict=True):
        row[::4] = FIRST_PITCH + scale + shift - LOWEST
    score = network.score_from_phrases(rows)
    assert score.keys == ((0.0, 0, "major"), (16.0, 4, "major"), (24.0, 3, "major"))


def test_silence_is_no_score():
    silence = np.full((1, 32), HOLD)
    silence[:, 0] = REST
    with pytest.raises(DataError, match="nothing but rests"):
        network.score_from_phrases(silence)
    with pytest.raises(ParameterError, match="tokens"):
        network.score_from_phrases(np.zeros((1, 31), int))


def test_the_sizes_build_and_the_full_one_is_small_enough_to_ship():
    for name, config in network.SIZES.items():
        config.check()
        if name != "full":
            assert network.build(config).count_params() < 600_000
