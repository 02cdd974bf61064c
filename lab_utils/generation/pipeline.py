"""Music in dialogue: sound in, block by block, and sound out in blocks of the same length.

Three stages stand behind each other, each a function or object that can be swapped:

* **listen**: an object with ``push(block) -> [Heard, …]``, ``seconds`` (up to where it has decided), ``sounding`` (the onset of
  the note that sounds there, or None) and ``stirring`` (whether a note may have started since), such as
  :class:`lab_utils.audio.notes.NoteTracker`;
* **answer**: ``answer(phrase, seconds) -> reply``: from the notes heard (a list of Heard, times from the first onset) and the
  length wanted to whatever the next stage plays;
* **play**: ``play(reply) -> samples``, an array, or an iterable of arrays, float32, that follow each other.

Conventions
-----------
* The clock counts samples: ``push(block)`` takes a block, float, shape (n,), n from 0 on, and returns as many samples. Nothing
  depends on the size of the blocks, nor, unless `background` is asked for, on how fast the machine is.
* A phrase is answered after `silence` seconds without a note; once it is `longest` seconds long, at once when the note that
  sounds then ends. The reply is as long as the phrase, within `reply`.
* It goes on listening while it answers. A new reply takes the place of one that still sounds, which fades out in 10 ms.
* ``background=False``: the reply is made within ``push`` and starts with the next sample. ``background=True``: a thread makes it,
  and ``push`` never waits: for live sound.
* :attr:`Dialogue.statistics` tells, stage by stage, the seconds of work, and of each turn the latency: from the end of the
  silence window until the first sample of the reply, on the clock of the samples plus the work of answering and of the first
  sound.
* An **underrun** is a block in which a reply should sound and has nothing ready. Without a thread it is reckoned from the seconds
  that each piece of sound took to make; and ``push`` itself must keep up with the sound, `cushion` seconds allowed.
* Memory stays flat: a phrase is kept until it is answered, of turns the last few hundred.

What it leaves out: the answer and the instrument; those are :mod:`lab_utils.algorithms.pipeline`'s. Used by the notebook
``12_dialogue_pipeline``.
"""

import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from lab_utils.audio.streaming import check_block
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation._speaker import Speaker, Worker

TICK = 0.01  # seconds: how often it looks whether a phrase is over
FADE = 0.01  # seconds
KEPT = 512  # turns and blocks remembered for the statistics


@dataclass
class Stage:
    """How often a stage was called, and the seconds of its work: all together, and the most at a time."""

    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def add(self, seconds):
        """Count one call."""
        self.calls, self.seconds, self.longest = self.calls + 1, self.seconds + seconds, max(self.longest, seconds)


@dataclass(frozen=True)
class Turn:
    """A phrase and its reply.

    Parameters
    ----------
    phrase : tuple of Heard
        Times in seconds of the whole stream.
    seconds : float
        Length of the reply that was asked for.
    due : float
        When the phrase was over: the end of the silence window, in seconds of the stream.
    latency : float
        Seconds from `due` to the first sample.
    reply : object
        What the stage answer returned.
    """

    phrase: tuple
    seconds: float
    due: float
    latency: float
    reply: object = field(repr=False)


class Dialogue:
    """Listens, answers, plays.

    Parameters
    ----------
    listen, answer, play
        The stages; see the top of the module.
    sample_rate : int
        In Hz, of what comes in and of what goes out.
    silence : float
        Seconds without a note that end a phrase.
    longest : float
        Seconds from which on a phrase is answered as soon as a note ends.
    reply : tuple of float
        Shortest and longest reply in seconds.
    background : bool
        Whether a thread makes the replies.
    headphones : bool
        False: what comes in while a reply sounds is not heard, for through a loudspeaker that would be the reply itself.
    cushion : float
        Seconds that the sound device holds ready, within which a late block is not missed.
    on_turn : callable, optional
        ``on_turn(turn)`` is called when a reply starts.
    """

    def __init__(
        self, listen, answer, play, *, sample_rate, silence=0.6, longest=3.0, reply=(1.0, 8.0), background=False, headphones=True,
        cushion=0.04, on_turn=None,
    ):  # fmt: skip
        check_whole("sample_rate", sample_rate, 1000)
        if not (silence > 0 and longest > 0 and 0 < reply[0] <= reply[1]):
            raise ParameterError(
                f"silence: expected positive lengths, the shortest reply first; received {silence}, {longest}, {reply}."
            )
        self.listen, self.answer, self.play, self.sample_rate = listen, answer, play, sample_rate
        self.silence, self.longest, self.lengths = silence, longest, reply
        self.headphones, self.cushion, self.on_turn = headphones, cushion, on_turn
        self.tick = max(round(TICK * sample_rate), 1)
        self.clock, self.heard, self.phrase_of = 0, [], 0  # samples; notes of the phrase; number of the phrase
        self.stages = {name: Stage() for name in ("listen", "answer", "play")}
        self.turns, self.underruns, self.behind = deque(maxlen=KEPT), 0, 0.0
        self.speaker = Speaker(round(FADE * sample_rate))
        self.worker = Worker(self._reply) if background else None
        self.error = None

    # ------------------------------------------------------------ what is called

    @property
    def seconds(self):
        """The clock: seconds of sound that went in, and out."""
        return self.clock / self.sample_rate

    @property
    def state(self):
        """What it is doing: "playing", "thinking", "hearing" or "waiting"."""
        if self.speaker.sounding:
            return "playing"
        if self.worker and self.worker.busy:
            return "thinking"
        return "hearing" if self.heard or self.listen.sounding is not None else "waiting"

    @property
    def statistics(self):
        """The figures so far, a dict: ``stages``, ``turns``, ``latencies`` (the last ones), ``underruns``, ``seconds``."""
        return {
            "stages": {name: vars(stage).copy() for name, stage in self.stages.items()},
            "turns": self.stages["answer"].calls,
            "latencies": [turn.latency for turn in self.turns],
            "underruns": self.underruns,
            "seconds": self.seconds,
        }

    def push(self, block):
        """Take the next samples and return as many of what is to be played.

        Parameters
        ----------
        block : np.ndarray of float, shape (n,)
            In [-1, 1].

        Returns
        -------
        np.ndarray of float32, shape (n,)
            Zeros while there is nothing to say.

        Raises
        ------
        ParameterError
            For a block that is stereo, of integers, or holds a NaN.
        LabError
            What a stage raised, in the thread too, at the next block.
        """
        block = check_block(block)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        made, first, worked = np.zeros(len(block), np.float32), 0, 0.0
        while first < len(block):
            count = min(self.tick - self.clock % self.tick, len(block) - first)
            began = time.perf_counter()
            made[first : first + count] = self._out(count)
            self._hear(block[first : first + count])
            worked += time.perf_counter() - began
            first += count
            self.clock += count
            if self.clock % self.tick == 0:
                self._decide()
        self._keep_up(worked, len(block))
        return made

    def close(self):
        """End the thread, if there is one; a reply that sounds may still be taken."""
        if self.worker:
            self.worker.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ------------------------------------------------------------ within

    def _out(self, count):
        made, missing = self.speaker.take(count)
        self.underruns += bool(missing)
        return made

    def _hear(self, block):
        deaf = self.speaker.sounding and not self.headphones
        began = time.perf_counter()
        self.heard += self.listen.push(np.zeros_like(block) if deaf else block)
        self.stages["listen"].add(time.perf_counter() - began)

    def _decide(self):
        """Answer if the phrase is over."""
        if not self.heard:
            return
        start, end = self.heard[0].onset_seconds, self.heard[-1].end_seconds
        sure = self.listen.seconds >= end + self.silence or not self.listen.stirring
        if self.listen.sounding is None and self.seconds >= end + self.silence and sure:
            self._turn(end + self.silence)
        elif end - start >= self.longest:
            self._turn(end)

    def _turn(self, due):
        phrase, self.heard = tuple(self.heard), []
        start, end = phrase[0].onset_seconds, phrase[-1].end_seconds
        seconds = float(np.clip(end - start, *self.lengths))
        self.phrase_of += 1
        task = (self.phrase_of, phrase, seconds, due, self.seconds - due, time.perf_counter())
        if self.worker:
            self.worker.give(task)
        else:
            self._reply(task)

    def _reply(self, task):
        """Make the reply and hand it to the speaker; in the thread, if there is one."""
        number, phrase, seconds, due, late, given = task
        began, voice = time.perf_counter(), None
        try:
            start = phrase[0].onset_seconds
            moved = [
                note._replace(onset_seconds=note.onset_seconds - start, end_seconds=note.end_seconds - start) for note in phrase
            ]
            reply = self.answer(moved, seconds)
            self.stages["answer"].add(time.perf_counter() - began)
            for piece in self._pieces(reply):
                if voice is None:
                    turn = Turn(phrase, seconds, due, late + time.perf_counter() - given, reply)
                    voice = self.speaker.begin()
                    self._started(turn, time.perf_counter(), voice)
                voice.add(piece)
                if not self.worker:
                    self._reckon(voice, time.perf_counter(), len(piece))
                elif number != self.phrase_of:  # a newer phrase is over: that one is answered
                    break
        except Exception as error:
            if not self.worker:
                raise
            self.error = error
        finally:
            if voice is not None:
                voice.end()

    def _pieces(self, reply):
        """Yield what the stage play makes, its work measured."""
        began = time.perf_counter()
        made = self.play(reply)
        pieces = iter([made] if isinstance(made, np.ndarray) else made)
        while True:
            piece = next(pieces, None)
            self.stages["play"].add(time.perf_counter() - began)
            if piece is None:
                return
            if len(piece):
                yield np.asarray(piece, np.float32)
            began = time.perf_counter()

    def _started(self, turn, moment, voice):
        self.turns.append(turn)
        voice.moment = moment
        if self.on_turn:
            self.on_turn(turn)

    def _reckon(self, voice, moment, length):
        """Without a thread: count an underrun if a thread would not have had this piece ready when the last one was played."""
        before = voice.length - length
        if before and moment - voice.moment > before / self.sample_rate:
            self.underruns += 1

    def _keep_up(self, worked, length):
        """Count an underrun if hearing and playing fall behind the sound by more than the device holds ready."""
        self.behind = max(self.behind + worked - length / self.sample_rate, 0.0)
        if self.behind > self.cushion:
            self.underruns += 1
            self.behind = 0.0
