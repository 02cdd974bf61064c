"""The networks as a search asks them: the state follows its rows, and what is asked twice is answered alike."""

import numpy as np
import pytest

from lab_utils.algorithms import _beam_models as models
from lab_utils.encoding import chorale as encoding
from lab_utils.errors import ParameterError


def test_the_alphabet_is_that_of_the_encoding():
    assert models.ALPHABET.size == encoding.VOCABULARY
    assert models.ALPHABET.token(60) == encoding.tokens_from_grid([[60] * 4])[0, 0]
    assert models.ALPHABET.holds[encoding.HOLD] and models.ALPHABET.array[encoding.REST] == -1


def test_a_search_picks_rows_and_leaves_what_is_kept():
    rows, kept = models.first_state()
    assert models.take(kept, np.array([0, 0])) is kept and len(kept) == 1
    np.testing.assert_array_equal(models.take(np.array([5, 6]), np.array([1, 1, 0])), [6, 6, 5])


def test_a_network_of_tunes_has_no_steps(monkeypatch):
    from lab_utils.recipes import melody

    monkeypatch.setattr(melody, "load", lambda run: (None, melody.Form("symbols"), {}))
    with pytest.raises(ParameterError, match="16th steps such as soprano"):
        models.melody_model("tunes")
