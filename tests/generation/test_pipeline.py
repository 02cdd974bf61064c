"""The dialogue, with stages that are known: a listener of loudness, an answer that says what it was asked, a tone."""

import threading

import numpy as np
import pytest

from lab_utils.audio.notes import Heard
from lab_utils.errors import DataError, ParameterError
from lab_utils.generation.pipeline import Dialogue

RATE = 1000


class Loud:
    """Hears a note wherever the sound is not zero: its pitch is its loudness in hundredths."""

    stirring = False

    def __init__(self):
        self.count, self.start, self.pitch = 0, None, 0

    @property
    def seconds(self):
        return self.count / RATE

    @property
    def sounding(self):
        return None if self.start is None else self.start / RATE

    def push(self, block):
        ended = []
        for value in block:
            pitch = round(abs(float(value)) * 100)
            if self.start is not None and pitch != self.pitch:
                ended.append(Heard(self.start / RATE, self.count / RATE, self.pitch, 80))
                self.start = None
            if pitch and self.start is None:
                self.start = self.count
            self.pitch = pitch
            self.count += 1
        return ended


def answer(phrase, seconds):
    return [note.pitch for note in phrase], seconds


def play(reply):
    pitches, seconds = reply
    return np.full(round(seconds * RATE), pitches[0] / 100, np.float32)


def dialogue(**options):
    return Dialogue(
        options.pop("listen", None) or Loud(),
        options.pop("answer", answer),
        options.pop("play", play),
        sample_rate=RATE,
        **options,
    )


def sound(*parts):
    """(loudness, seconds), one after another."""
    return np.concatenate([np.full(round(seconds * RATE), loud, np.float32) for loud, seconds in parts])


def test_answers_after_the_silence_with_a_reply_as_long_as_the_phrase():
    made = dialogue().push(sound((0, 0.5), (0.2, 1), (0.3, 0.5), (0, 4)))
    assert np.flatnonzero(made)[[0, -1]].tolist() == [2600, 2600 + 1500 - 1]  # the phrase ends at 2.0 s
    assert set(np.unique(made)) == {np.float32(0), np.float32(0.2)}


def test_no_reply_within_the_silence():
    talk = dialogue()
    assert not talk.push(sound((0.2, 1), (0, 0.55), (0.3, 0.5), (0, 0.6))).any()
    assert talk.push(sound((0, 0.1))).any()
    assert [note.pitch for note in talk.turns[0].phrase] == [20, 30]


@pytest.mark.parametrize(("phrase", "reply"), [(0.2, 1.0), (2.5, 2.5)])
def test_length_of_the_reply(phrase, reply):
    made = dialogue().push(sound((0.2, phrase), (0, 6)))
    assert np.count_nonzero(made) == pytest.approx(reply * RATE, abs=1)


def test_past_three_seconds_it_answers_as_soon_as_a_note_ends():
    made = dialogue().push(sound(*[(0.2 + 0.01 * (i % 2), 0.7) for i in range(6)], (0, 1)))
    assert np.flatnonzero(made)[0] == 3510  # five notes of 0.7 s, then the next tick


def test_a_long_note_gets_the_longest_reply():
    made = dialogue().push(sound((0.2, 9), (0, 9)))
    assert np.count_nonzero(made) == 8 * RATE


def test_it_goes_on_listening_while_it_answers():
    talk = dialogue()
    made = talk.push(sound((0.2, 2), (0, 1), (0.5, 0.4), (0, 2)))
    assert [turn.phrase[0].pitch for turn in talk.turns] == [20, 50]
    assert made[3990] == np.float32(0.2)
    assert made[4010:5000].tolist() == [np.float32(0.5)] * 990  # the new reply takes the place of the old one
    assert 0.2 < made[4001] <= 0.7  # which fades out


def test_without_headphones_it_does_not_hear_itself():
    talk = dialogue(headphones=False)
    made = talk.push(sound((0.2, 1), (0, 0.5), (0, 0.11)))
    again = talk.push(np.concatenate([made[-500:], np.zeros(3000, np.float32)]))
    assert again.any() and len(talk.turns) == 1


@pytest.mark.parametrize("size", [1, 7, 333, 441])
def test_the_same_whatever_the_blocks(size):
    samples = sound((0, 0.3), (0.2, 1.1), (0, 1), (0.3, 0.5), (0.4, 0.2), (0, 2.5), (0.1, 3.5), (0.2, 1), (0, 3))
    once, talk = dialogue().push(samples), dialogue()
    made = [talk.push(samples[i : i + size]) for i in range(0, len(samples), size)]
    assert np.array_equal(np.concatenate(made), once)
    assert all(len(piece) == len(samples[i * size : (i + 1) * size]) for i, piece in enumerate(made))
    assert len(talk.turns) >= 3


def test_an_empty_block():
    talk = dialogue()
    assert talk.push(np.zeros(0, np.float32)).shape == (0,) and talk.seconds == 0


def test_pieces_of_sound_follow_each_other():
    talk = dialogue(play=lambda reply: (np.full(100, 0.1 * (i + 1), np.float32) for i in range(5)))
    made = talk.push(sound((0.2, 1), (0, 2)))
    assert np.abs(made[1600:2100] - np.repeat(np.arange(1, 6) / 10, 100)).max() < 1e-6 and not made[2100:].any()


def test_states():
    talk = dialogue()
    assert talk.state == "waiting"
    talk.push(sound((0.2, 0.5)))
    assert talk.state == "hearing"
    talk.push(sound((0, 0.8)))
    assert talk.state == "playing"
    talk.push(sound((0, 2)))
    assert talk.state == "waiting"


def test_figures():
    seen = []
    talk = dialogue(on_turn=seen.append)
    talk.push(sound((0.2, 1), (0, 3)))
    told = talk.statistics
    assert told["turns"] == 1 and told["underruns"] == 0 and told["seconds"] == 4
    assert set(told["stages"]) == {"listen", "answer", "play"}
    assert all(stage["calls"] and stage["longest"] <= stage["seconds"] for stage in told["stages"].values())
    (turn,) = seen
    assert turn.due == pytest.approx(1.6) and turn.seconds == 1 and turn.reply == ([20], 1.0)
    assert told["latencies"] == [turn.latency] and turn.latency >= 0


def test_a_piece_that_comes_too_late_is_an_underrun():
    clock = iter(range(10))

    def slow(reply):
        for _ in range(3):
            next(clock)
            threading.Event().wait(0.05)
            yield np.ones(10, np.float32)  # 10 ms of sound, and 50 ms of work

    talk = dialogue(play=slow)
    talk.push(sound((0.2, 1), (0, 1)))
    assert talk.underruns == 2


def test_a_listener_that_cannot_keep_up_is_an_underrun():
    class Slow(Loud):
        def push(self, block):
            threading.Event().wait(0.03)
            return super().push(block)

    talk = dialogue(listen=Slow())
    for _ in range(5):
        talk.push(np.zeros(10, np.float32))
    assert talk.underruns >= 1


def test_in_the_background_push_does_not_wait():
    asked, go = threading.Event(), threading.Event()

    def waits(phrase, seconds):
        asked.set()
        go.wait(10)
        return answer(phrase, seconds)

    heard = threading.Event()
    with dialogue(answer=waits, background=True, on_turn=lambda turn: heard.set()) as talk:
        talk.push(sound((0.2, 1), (0, 0.61)))
        assert asked.wait(10)
        assert not talk.push(sound((0, 0.5))).any() and talk.state == "thinking"
        go.set()
        assert heard.wait(10)
        for _ in range(100):  # the reply's sound comes right behind its turn
            made = talk.push(sound((0, 0.1)))
            if made.any():
                break
            threading.Event().wait(0.01)
        assert made.any()


def test_what_goes_wrong_in_the_background_is_told():
    done = threading.Event()

    def fails(phrase, seconds):
        done.set()
        raise DataError("answer: nothing comes to mind; play again.")

    with dialogue(answer=fails, background=True) as talk:
        talk.push(sound((0.2, 1), (0, 0.61)))
        assert done.wait(10)
        with pytest.raises(DataError, match="nothing comes to mind"):
            for _ in range(100):
                threading.Event().wait(0.01)
                talk.push(sound((0, 0.01)))


def test_what_goes_wrong_at_once_is_told_at_once():
    def fails(phrase, seconds):
        raise DataError("answer: nothing comes to mind; play again.")

    with pytest.raises(DataError, match="nothing comes to mind"):
        dialogue(answer=fails).push(sound((0.2, 1), (0, 0.7)))


def test_memory_stays_flat():
    talk = dialogue()
    for _ in range(600):
        talk.push(sound((0.2, 0.05), (0, 0.75)))
    assert len(talk.turns) == talk.turns.maxlen == 512
    assert not talk.heard and talk.statistics["turns"] == 600


def test_bad_input():
    with pytest.raises(ParameterError, match="block: expected floats"):
        dialogue().push(np.zeros((4, 2), np.float32))
    with pytest.raises(ParameterError, match="silence: expected"):
        dialogue(silence=0)
    with pytest.raises(ParameterError, match="silence: expected"):
        dialogue(reply=(2, 1))
