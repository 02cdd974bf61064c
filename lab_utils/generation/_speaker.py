"""What stands behind a dialogue: the speaker that plays the latest reply, and the thread that makes it.

Used by :mod:`lab_utils.generation.pipeline` alone.
"""

import queue
import threading
from collections import deque

import numpy as np


class Voice:
    """Sound of one reply: pieces go in at one end, samples out at the other."""

    def __init__(self):
        self.pieces, self.place, self.ended, self.length, self.moment = deque(), 0, False, 0, 0.0

    def add(self, piece):
        self.length += len(piece)
        self.pieces.append(piece)

    def end(self):
        self.ended = True

    def take(self, count):
        """Return up to `count` samples."""
        made = []
        while count and self.pieces:
            piece = self.pieces[0][self.place : self.place + count]
            made.append(piece)
            count -= len(piece)
            self.place += len(piece)
            if self.place == len(self.pieces[0]):
                self.pieces.popleft()
                self.place = 0
        return np.concatenate(made) if made else np.zeros(0, np.float32)

    @property
    def over(self):
        return self.ended and not self.pieces


class Speaker:
    """Plays the latest reply, and fades out the one before it."""

    def __init__(self, fade):
        self.fade, self.voice, self.tail = fade, None, np.zeros(0, np.float32)
        self.lock = threading.Lock()

    @property
    def sounding(self):
        voice = self.voice
        return voice is not None and not voice.over

    def begin(self):
        """Return the voice of a new reply."""
        with self.lock:
            if self.voice is not None:
                last = self.voice.take(self.fade)
                self.tail = last * np.linspace(1, 0, len(last), dtype=np.float32)
            self.voice = Voice()
            return self.voice

    def take(self, count):
        """Return `count` samples, and whether the reply had too few ready."""
        with self.lock:
            made, voice = np.zeros(count, np.float32), self.voice
            missing = False
            if voice is not None:
                ended = voice.ended
                samples = voice.take(count)
                made[: len(samples)] = samples
                missing = len(samples) < count and not ended
                if voice.over:
                    self.voice = None
            faded = self.tail[:count]
            made[: len(faded)] += faded
            self.tail = self.tail[count:]
            return made, missing


class Worker:
    """A thread that carries out tasks one after another; of those that wait the newest alone."""

    def __init__(self, work):
        self.work, self.tasks, self.busy = work, queue.Queue(), False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def give(self, task):
        self.busy = True
        self.tasks.put(task)

    def close(self):
        self.tasks.put(None)
        self.thread.join(timeout=5)

    def _run(self):
        while (task := self.tasks.get()) is not None:
            if self.tasks.empty():
                self.work(task)
            self.busy = not self.tasks.empty()
