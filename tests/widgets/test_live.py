from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.audio import resample
from lab_utils.audio.notes import find_notes
from lab_utils.errors import DataError, ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import live_dialogue
from lab_utils.widgets.live import PHRASES

RATE = 16000


class Mirror:
    """Gives back half of what it hears; tells what it is told to tell."""

    sample_rate = RATE

    def __init__(self):
        self.state, self.turns, self.pushed, self.trouble = "waiting", [], [], None

    def push(self, block):
        if self.trouble:
            raise self.trouble
        self.pushed.append(block)
        return block / 2


@pytest.fixture
def page():
    """A live dialogue, the messages it sends, and the page's way to send one."""
    live = live_dialogue(Mirror())
    live.sent = []
    live.send = lambda content, buffers=(): live.sent.append((content, *buffers))
    live.say = lambda kind, *buffers, **content: live._handle_custom_msg({"kind": kind, **content}, list(buffers))
    return live


def tone(rate, seconds=0.5, hertz=440):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def turn(onset, pitches, reply, latency=0.1):
    """What a Dialogue tells of a turn: notes of a quarter of a second."""
    notes = [
        SimpleNamespace(onset_seconds=onset + i / 4, end_seconds=onset + i / 4 + 0.25, pitch=p) for i, p in enumerate(pitches)
    ]
    return SimpleNamespace(phrase=tuple(notes), reply=reply, latency=latency)


@pytest.mark.parametrize("rate", [48000, 44100, RATE])
def test_sound_goes_through_at_the_rate_of_the_browser(page, rate):
    sung = tone(rate, 1.0)
    page.say("start", rate=rate)
    for number, first in enumerate(range(0, len(sung), 2048)):
        page.say("block", sung[first : first + 2048].tobytes(), number=number)
    assert [content["number"] for content, *_ in page.sent] == list(range(len(page.sent)))
    heard = np.concatenate(page.dialogue.pushed)
    np.testing.assert_allclose(heard, resample(sung, rate, RATE)[: len(heard)], atol=1e-6)
    lengths = [content["length"] for content, *_ in page.sent]
    assert 0.85 * rate < sum(lengths) <= rate  # the rest is still in the filters
    played = np.concatenate([np.frombuffer(buffers[0], "<f4") for _, *buffers in page.sent if buffers])
    np.testing.assert_allclose(played[2000:-2000], sung[2000 : len(played) - 2000] / 2, atol=1e-3)


def test_silence_is_not_sent_but_its_length_is(page):
    page.say("start", rate=RATE)
    page.say("block", np.zeros(2048, np.float32).tobytes(), number=7)
    assert page.sent == [({"kind": "block", "number": 7, "length": 2048, "state": "waiting"},)]


def test_a_turn_is_shown_with_its_notes(page):
    page.say("start", rate=RATE)
    reply = Score(note_array([(0, 1, 67), (1, 0.5, 66)]), tempos=((0.0, 60.0),))
    page.dialogue.turns.append(turn(3.0, (60, 64), reply))
    page.say("block", tone(RATE).tobytes(), number=1)
    (shown,) = page.turns
    assert shown["heard"] == [[0, 0.25, 60], [0.25, 0.5, 64]] and shown["heardNames"] == "C4 E4"
    assert shown["answered"] == [[0, 1, 67], [1, 1.5, 66]] and shown["answeredNames"] == "G4 F♯4"
    assert shown["latency"] == 100
    page.say("block", tone(RATE).tobytes(), number=2)
    assert page.turns == [shown]  # not told twice
    for pitch in range(70, 76):
        page.dialogue.turns.append(turn(9.0, (pitch,), reply))
    page.say("block", tone(RATE).tobytes(), number=3)
    assert [one["heard"][0][2] for one in page.turns] == [72, 73, 74, 75]  # the last four, the latest at the end


def test_a_reply_that_is_no_score_is_shown_by_what_was_heard(page):
    page.say("start", rate=RATE)
    page.dialogue.turns.append(turn(0.0, (69,), tone(RATE)))
    page.say("block", tone(RATE).tobytes(), number=1)
    assert page.turns[0]["heardNames"] == "A4" and page.turns[0]["answered"] == []


def test_a_new_start_drops_what_is_left_of_the_last(page):
    pushed = page.dialogue.push

    def push(block):  # a reply that goes on for a second
        if len(page.dialogue.pushed) == 10:
            page.dialogue.state = "waiting"
        return pushed(block)

    page.dialogue.push, page.dialogue.state = push, "playing"
    page.dialogue.turns.append(turn(0.0, (69,), None))
    page.say("start", rate=RATE)
    assert page.dialogue.state == "waiting" and len(page.dialogue.pushed) == 11
    assert not np.concatenate(page.dialogue.pushed).any() and page.sent == [] and page.turns == []
    page.dialogue.state = "playing"  # one that never ends
    page.say("start", rate=RATE)
    assert len(page.dialogue.pushed) < 200


@pytest.mark.parametrize("name", PHRASES)
def test_phrases_are_sung_in_tune(page, name):
    page.say("phrase", name=name)
    (content, buffer), score = page.sent[0], PHRASES[name]
    samples = np.frombuffer(buffer, np.float32)
    assert content == {"kind": "phrase", "name": name, "rate": RATE}
    for middle, pitch in zip(score.seconds(score.notes["onset_quarter"] + 0.25), score.notes["pitch"], strict=True):
        part = samples[round((middle - 0.05) * RATE) :][: RATE // 10] * np.hanning(RATE // 10)
        nearby = 440 * 2 ** ((pitch + np.arange(-3, 4) - 69) / 12)
        strength = np.abs(np.exp(-2j * np.pi * np.outer(nearby, np.arange(len(part))) / RATE) @ part)
        assert strength.argmax() == 3
    assert [note.pitch for note in find_notes(samples, sample_rate=RATE)] == score.notes["pitch"].tolist()  # and it is heard


@pytest.mark.parametrize("trouble", [DataError("the network: is missing"), ZeroDivisionError("by zero")])
def test_what_goes_wrong_is_told_on_the_page(page, trouble):
    page.say("start", rate=RATE)
    page.dialogue.trouble = trouble
    page.say("block", tone(RATE).tobytes(), number=1)
    ((content,),) = page.sent
    assert content["kind"] == "error" and content["text"].endswith(str(trouble))


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("block", {"number": 1}, "block: expected a start before it"),
        ("start", {"rate": 0}, "expected a whole number"),
        ("phrase", {"name": "no such tune"}, "KeyError"),
        ("dance", {}, "KeyError"),
    ],
)
def test_odd_messages_are_answered_in_words(page, kind, content, words):
    page.say(kind, tone(RATE).tobytes(), **content)
    assert page.sent[0][0]["kind"] == "error" and words in page.sent[0][0]["text"]


def test_a_page_without_a_kernel_is_told(page):
    data, _ = page._repr_mimebundle_()
    assert data["text/plain"] == "LiveDialogue: 0 turns" and "needs a running kernel" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == page.model_id


def test_nothing_is_fetched_by_the_page(page):
    code = page._esm.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert "://" not in code and "import" not in code
    assert page._css.startswith(".lab-live")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dialogue": 3}, r"^dialogue: expected an object with push\(block\), received int"),
        ({"sample_rate": 4000}, "^sample_rate: expected a whole number of at least 8000, received 4000"),
        ({"sample_rate": 192_000}, "^sample_rate: expected 8000 to 96000 Hz"),
        ({"phrases": {}}, "^phrases: expected Scores"),
        ({"phrases": {"a tune": "C D E"}}, "^phrases: expected Scores"),
    ],
)
def test_wrong_choices_are_named(options, message):
    with pytest.raises(ParameterError, match=message):
        live_dialogue(**{"dialogue": Mirror()} | options)
