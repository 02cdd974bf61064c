"""Play with the computer: the browser's microphone goes to a dialogue in the kernel, and what it answers comes out of the page.

Conventions
-----------
* **The page** (live.js, in the package: nothing is fetched) records at the browser's own rate and sends blocks of 2,048 samples;
  **the kernel** brings them to the dialogue's rate, hands them to ``dialogue.push``, and sends back as much sound, at the
  browser's rate. Going through both takes about 0.3 s, besides the silence for which the dialogue waits.
* Without a microphone, or where it is refused, the page says so; a phrase of the list, sung by the synthesizer, or a sound file
  then takes the microphone's place, through the same path.
* Unless "headphones" is ticked, the microphone is off while an answer sounds: it would hear the answer itself.
* Under the buttons stand the last turns: what was heard and what was answered, as names of notes and as a piano roll. They are
  read from ``dialogue.turns`` (see :class:`lab_utils.generation.pipeline.Turn`), where it has them.
* What goes between the two are messages. From the page: ``start`` (with its rate), ``block`` (numbered, with float32 samples),
  ``stop``, ``phrase`` (a name). From the kernel: ``block`` (the same number, the state, and samples unless they are silent),
  ``phrase`` (samples and their rate), ``error`` (a sentence).
* In a notebook without a running kernel nothing can be answered: the page says so.

What it leaves out: more than one microphone channel, and keeping what was recorded. Used by ``12_dialogue_pipeline``.
"""

from functools import cache
from itertools import takewhile
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lab_utils.audio.samples import Resampler
from lab_utils.audio.synth import synthesize
from lab_utils.errors import LabError, ParameterError, check_whole
from lab_utils.plots.ruling import NAMES
from lab_utils.score import Score, note_array

SLOWEST, FASTEST = 8000, 96_000  # Hz: what a browser can play
SILENT = 1e-5  # of full scale: what is softer is not sent
KEPT = 4  # turns shown
LEFT_OVER = 12.0  # seconds of silence after which nothing is left of the last stream
PIANO = 0  # it dies away, and no loop of its samples is taken for another note
HERE = Path(__file__).parent


def _tune(title, pitches, quarters, tempo):
    onsets = np.concatenate([[0], np.cumsum(quarters)[:-1]])
    notes = note_array(zip(onsets, quarters, pitches, strict=True))
    return Score(notes, tempos=((0.0, tempo),), programs=(PIANO,), title=title)


PHRASES = {
    tune.title: tune
    for tune in (
        _tune("Ode to Joy", (76, 76, 77, 79, 79, 77, 76, 74), (1,) * 8, 180),
        _tune("Frère Jacques", (72, 74, 76, 72, 76, 77, 79), (1, 1, 1, 1, 1, 1, 2), 180),
        _tune("a rising chord", (67, 72, 76, 79), (1, 1, 1, 2), 120),
        _tune("a question", (74, 76, 77, 74, 81), (0.5, 0.5, 0.5, 0.5, 2), 100),
    )
}


class LiveDialogue(anywidget.AnyWidget):
    """The kernel's side of the page; made by :func:`live_dialogue`.

    Parameters
    ----------
    dialogue : object
        With ``push(block) -> block``.
    sample_rate : int
        Of the dialogue, in Hz.
    phrases : dict of str to Score
    """

    _esm = HERE / "live.js"
    _css = HERE / "live.css"
    phrases = traitlets.List(traitlets.Unicode()).tag(sync=True)
    turns = traitlets.List().tag(sync=True)

    def __init__(self, dialogue, *, sample_rate, phrases):
        self.dialogue, self.sample_rate = dialogue, sample_rate
        self._into = self._out = self._last = None
        self._sung = cache(lambda name: synthesize(phrases[name], sample_rate=sample_rate, engine="embedded"))
        super().__init__(phrases=list(phrases))
        self._does = {"start": self._start, "block": self._block, "stop": self._stop, "phrase": self._phrase}
        self.on_msg(self._receive)

    def __repr__(self):
        return f"LiveDialogue: {len(self.turns)} turns"

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        told = "<p>A live dialogue stands here once this cell is run: it needs a running kernel.</p>"
        return {**data, "text/plain": repr(self), "text/html": told}, metadata

    def _receive(self, _, content, buffers):
        """Do what a message asks; what goes wrong is told on the page, for nobody reads a kernel's log."""
        try:
            self._does[content["kind"]](content, buffers)
        except LabError as error:
            self.send({"kind": "error", "text": str(error)})
        except Exception as error:
            self.send({"kind": "error", "text": f"{type(error).__name__}: {error}"})

    def _start(self, content, _):
        """Begin a stream at the browser's rate; what the dialogue still had of the last one is dropped."""
        rate = content["rate"]
        self._into, self._out = Resampler(rate, self.sample_rate), Resampler(self.sample_rate, rate)
        tenth = np.zeros(self.sample_rate // 10, np.float32)
        for _ in range(round(10 * LEFT_OVER)):
            if getattr(self.dialogue, "state", "waiting") == "waiting":
                break
            self.dialogue.push(tenth)
        self._new_turns()

    def _block(self, content, buffers):
        if self._into is None:  # the kernel was started anew under the page
            raise ParameterError("block: expected a start before it; press the button again.")
        block = np.frombuffer(buffers[0], "<f4")
        made = self._out.push(self.dialogue.push(self._into.push(block)))
        sounds = bool(len(made)) and float(np.abs(made).max()) > SILENT
        answer = {"kind": "block", "number": content["number"], "length": len(made), "state": getattr(self.dialogue, "state", "")}
        self.send(answer, [np.clip(made, -1, 1).astype("<f4").tobytes()] if sounds else [])
        turns = self._new_turns()
        if turns:
            self.turns = [*self.turns, *map(_shown, turns)][-KEPT:]

    def _stop(self, *_):
        self._into = self._out = None

    def _phrase(self, content, _):
        self.send({"kind": "phrase", "name": content["name"], "rate": self.sample_rate}, [self._sung(content["name"]).tobytes()])

    def _new_turns(self):
        """Return the turns since the last look, the earliest first."""
        turns, last = list(getattr(self.dialogue, "turns", ())), self._last
        self._last = turns[-1] if turns else None
        return list(takewhile(lambda turn: turn is not last, reversed(turns)))[::-1]


def live_dialogue(dialogue=None, *, sample_rate=None, phrases=None):
    """Return a page's microphone in dialogue with the kernel; as the last line of a cell it appears under it.

    Parameters
    ----------
    dialogue : object, optional
        With ``push(block) -> block``, float32, as long as what came in, such as a
        :class:`lab_utils.generation.pipeline.Dialogue`, with ``background=True``. By default
        :func:`lab_utils.algorithms.pipeline.ready` makes it.
    sample_rate : int, optional
        Of the dialogue, in Hz; by default its own ``sample_rate``, or 22,050.
    phrases : dict of str to Score, optional
        What can be sung in place of the microphone; by default four tunes.

    Returns
    -------
    LiveDialogue

    Raises
    ------
    ParameterError
        A dialogue without ``push``, a rate that no browser plays, phrases that are no Scores.

    Examples
    --------
    >>> live_dialogue()
    """
    phrases = PHRASES if phrases is None else phrases
    if not phrases or not all(isinstance(phrase, Score) and len(phrase) for phrase in phrases.values()):
        raise ParameterError(f"phrases: expected Scores with notes, by name, received {list(phrases.items())!r:.80}.")
    if dialogue is None:
        from lab_utils.algorithms import pipeline  # here, because another dialogue needs no network

        dialogue = pipeline.ready(background=True)
    if not callable(getattr(dialogue, "push", None)):
        raise ParameterError(f"dialogue: expected an object with push(block), received {type(dialogue).__name__}.")
    rate = getattr(dialogue, "sample_rate", 22050) if sample_rate is None else sample_rate
    check_whole("sample_rate", rate, SLOWEST)
    if rate > FASTEST:
        raise ParameterError(f"sample_rate: expected {SLOWEST} to {FASTEST} Hz, which browsers play, received {rate}.")
    return LiveDialogue(dialogue, sample_rate=rate, phrases=phrases)


def _shown(turn):
    """Return what the page draws of a Turn: rows of (onset, end, pitch), in seconds from the phrase's start, and their names."""
    start = turn.phrase[0].onset_seconds
    heard = [(note.onset_seconds - start, note.end_seconds - start, note.pitch) for note in turn.phrase]
    answered = _rows(turn.reply)
    return {
        "heard": [[round(float(value), 3) for value in row] for row in heard],
        "answered": [[round(float(value), 3) for value in row] for row in answered],
        "heardNames": _names(heard),
        "answeredNames": _names(answered),
        "latency": round(1000 * float(turn.latency)),
    }


def _rows(reply):
    """Return (onset, end, pitch) of each note of a Score, nothing for what is none."""
    if not isinstance(reply, Score):
        return []
    notes = reply.notes
    onsets, ends = reply.seconds(notes["onset_quarter"]), reply.seconds(notes["onset_quarter"] + notes["duration_quarter"])
    return list(zip(onsets, ends, notes["pitch"], strict=True))


def _names(rows):
    return " ".join(f"{NAMES[int(pitch) % 12]}{int(pitch) // 12 - 1}" for _, _, pitch in rows)
