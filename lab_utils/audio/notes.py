"""Notes from sound while it comes in: where they start, where they end, which pitch they have.

Conventions
-----------
* Times are seconds from the first sample pushed. A note is told when it has ended, about 0.15 s later.
* One voice: of notes at once one is told at a time, mostly the louder; it never fails for that.
* Every 5 ms a frame is looked at: its pitch, its level, and its spectral flux (:mod:`lab_utils.audio.ear`).
* **Onsets** are peaks of the flux. A peak far over the median of the last quarter of a second starts a note, of the same pitch
  only if the level grows too; a low peak does so only where the pitch changes with it or the level dips; and a pitch that changes
  and stays changed, or a tone that falls and rises as swiftly as a tongue makes it, needs none. What has no pitch after it,
  noise, a click, is no note.
* The **pitch** of a note is the one that most of its frames have. It **ends** where the next one starts, where it has fallen
  26 dB under its loudest, or where no pitch can be heard any more.
* Exactly the same notes come out whatever the size of the blocks.

What it leaves out: chords, drums, glides and bends (they are told as steps), notes shorter than 60 ms. A strong tremolo on a held
note may be told as the note struck again.
Used by :mod:`lab_utils.algorithms.pipeline` and the notebook ``12_dialogue_pipeline``.
"""

from collections import Counter, deque
from typing import NamedTuple

import numpy as np

from lab_utils.audio.ear import HIGHEST, LOWEST, Ear, Frame
from lab_utils.audio.samples import check_samples
from lab_utils.errors import check_whole


class Heard(NamedTuple):
    """A note that was heard: `onset_seconds`, `end_seconds`, MIDI `pitch`, `velocity` 1–127 (127 at full scale)."""

    onset_seconds: float
    end_seconds: float
    pitch: int
    velocity: int


class NoteTracker:
    """Hears notes in a stream of sound.

    Parameters
    ----------
    sample_rate : int
        In Hz, 8,000 to 192,000.
    lowest, highest : float
        MIDI pitches between which notes are heard; at low rates the highest is a sixth of the rate.
    floor_db : float
        Level in dB under full scale; what is softer is silence.
    """

    PAST, AHEAD = 50, 28  # frames known before and after the one that is decided on
    NEAR, FAR = 6, 14  # a peak is the highest within so many frames; a low one within more
    FROM, SETTLED = 8, 16  # frames after an onset: its pitch begins to show; no longer the ringing of the note before
    NEED = 4  # frames with one pitch after an onset
    LEAST, AGAIN = 12, 20  # frames from onset to onset; to the same pitch struck again
    STRONG, OVER = 0.03, 3.0  # of the flux at a clear peak: the least; times the median
    WEAK, FAINT = 0.012, 0.02  # flux of a peak that comes with a new pitch; with a dip of the level
    DIP, SWIFT = 3.0, 15  # dB, and within how many frames: the tongue is swifter than a tremolo
    GROWTH = 2.0  # dB that the level grows where the same pitch is struck again
    RISE = 9.0  # dB that it grows where a note comes out of silence
    DROP = 26.0  # dB under the loudest of a note: it has ended
    BACK, MUTE = 44, 32  # frames: how far back a peak is dated; without a pitch, after which a note has ended
    LONGEST = 1600  # frames: a note that sounds for 8 s is told then
    EARLY = 0.008  # seconds: the flux is largest so long after the onset

    def __init__(self, sample_rate, *, lowest=LOWEST, highest=HIGHEST, floor_db=-50.0):
        check_whole("sample_rate", sample_rate, 8000)
        self.ear = Ear(sample_rate, lowest=lowest, highest=highest, floor_db=floor_db)
        self.floor, self.sample_rate = floor_db, sample_rate
        length = self.PAST + 1 + self.AHEAD
        self.flux, self.level, self.steady = (deque([empty] * length, maxlen=length) for empty in (0.0, -120.0, None))
        self.raw = deque(maxlen=4)
        self.count, self.note = 0, None

    @property
    def seconds(self):
        """Up to where it has decided, in seconds: behind what was pushed by 0.15 s."""
        return max(self.count - self.AHEAD, 0) * self.ear.seconds

    @property
    def stirring(self):
        """Whether the sound has grown since :attr:`seconds`: a note may have started that is not decided on yet."""
        level = list(self.level)[self.PAST :]
        return max(level) > max(level[0] + self.RISE, self.floor + 6)

    @property
    def sounding(self):
        """The onset in seconds of the note that sounds at :attr:`seconds`; None if there is none."""
        return None if self.note is None else self._time(self.note["onset"])

    def push(self, block):
        """Take the next samples and return the notes that are known to have ended.

        Parameters
        ----------
        block : np.ndarray of float, shape (n,)
            In [-1, 1], n from 0 on; what is clipped is heard as it is.

        Returns
        -------
        list of Heard

        Raises
        ------
        ParameterError
            For a block that is stereo, of integers, or holds a NaN.
        """
        return [note for frame in self.ear.push(block) for note in self._step(frame)]

    def finish(self):
        """Return the last notes, as if silence followed; the stream is over then."""
        silence = [Frame(0.0, 1.0, -120.0, 0.0)] * (self.AHEAD + self.PAST)
        return [note for frame in [*self.ear.finish(), *silence] for note in self._step(frame)]

    def _step(self, frame):
        """Take a frame; decide on the one AHEAD before it; return the notes that ended there."""
        self.count += 1
        self.raw.append(frame.pitch if frame.depth < 0.2 and frame.level > self.floor else None)
        steady = None
        if len(self.raw) == 4 and None not in self.raw and max(self.raw) - min(self.raw) < 0.5:
            steady = int(np.floor(sorted(self.raw)[1] + 0.5))
        for row, value in ((self.flux, frame.flux), (self.level, frame.level), (self.steady, steady)):
            row.append(value)
        at = self.count - 1 - self.AHEAD
        if at < 0:
            return []
        onset = self._onset(at)
        ended = []
        if onset is not None:
            before = self._pitch()
            if self.note:
                ended += self._close(onset)
            self.note = {
                "onset": onset,
                "before": before,
                "votes": Counter(),
                "early": Counter(),
                "peak": -120.0,
                "quiet": 0,
                "dumb": 0,
            }
        return ended + (self._follow(at) if self.note else [])

    def _onset(self, at):
        """Return at which frame a note starts, if it shows in frame `at`."""
        flux, level, steady, here = list(self.flux), list(self.level), list(self.steady), self.PAST
        now = self._pitch()
        after = Counter(pitch for pitch in steady[here + self.FROM :] if pitch is not None).most_common(1)
        pitch, frames = after[0] if after else (None, 0)
        since = at - self.note["onset"] if self.note else self.LEAST
        if frames >= self.NEED and since >= self.LEAST and self._peaks(flux, self.NEAR):
            around = sorted(flux[here - min(since, self.PAST) :])
            strong = flux[here] > max(self.STRONG, self.OVER * around[len(around) // 2])
            if self.note is None:
                rise = max(level[here : here + 8]) - min(level[here - 8 : here + 1])
                if (strong or rise > self.RISE) and max(level[here : here + 10]) > self.floor + 6:
                    return at
            elif now is not None and pitch != now:
                if strong or (flux[here] > self.WEAK and self._peaks(flux, self.FAR)):
                    return at
            elif since >= self.AGAIN and ((strong and self._grows(level)) or (flux[here] > self.FAINT and self._dips(level))):
                return at
        return self._onset_without_flux(at, level, steady, now)

    def _peaks(self, flux, near):
        """Whether the flux is the largest among `near` frames to each side."""
        here = self.PAST
        return flux[here] == max(flux[here - near : here + near + 1]) and flux[here] > flux[here - 1]

    def _grows(self, level):
        """Whether the level grows here at all: a click within a tone is no new one."""
        smooth = self._smooth(level)
        return smooth[20:33].max() - smooth[12:24].min() > self.GROWTH

    def _dips(self, level):
        """Whether the level dips near this frame."""
        smooth = self._smooth(level)
        least = 14 + int(np.argmin(smooth[14:31]))
        before, after = self._beside(smooth, least)
        return min(before, after) - smooth[least] > self.DIP

    def _swallows(self, level, steady):
        """Whether here a tone, its pitch unchanged, has fallen and rises again: a wind player's tongue makes no other sign."""
        here, smooth = self.PAST, self._smooth(level)
        if any(pitch != steady[here] for pitch in steady[here - 10 : here + 11]) or smooth[20] > smooth[10:31].min():
            return False
        before, after = self._beside(smooth, 20)
        return min(before + 1, after) - smooth[20] > self.DIP and after > before - 3

    def _beside(self, smooth, place):
        """The highest level within SWIFT frames before and after: a tremolo is slower."""
        return smooth[max(place - self.SWIFT, 0) : place].max(), smooth[place + 1 : place + 1 + self.SWIFT].max()

    def _smooth(self, level):
        here = self.PAST
        return np.convolve(level[here - 22 : here + 23], np.ones(5) / 5, mode="valid")  # 41 frames, this one in the middle

    def _onset_without_flux(self, at, level, steady, now):
        """Return at which frame a note starts that no peak has told, if frame `at` shows it."""
        here, flux = self.PAST, list(self.flux)
        pitch = steady[here]
        if pitch is None or any(other != pitch for other in steady[here : here + 11]):
            return None
        if max(flux[here : here + 16]) > self.STRONG:  # the peak will tell
            return None
        if self.note is None:
            swells = level[here + 12] - min(level[:here]) > self.RISE and max(level[:here]) < level[here + 12]
            return at - 4 if swells else None
        since = at - self.note["onset"]
        again = now is not None and pitch == now and since - 6 >= self.AGAIN
        if again and max(flux[here - 8 :]) < self.STRONG and self._swallows(level, steady):
            return at - 6
        if now is None or pitch == now or steady[here - 1] == pitch or since < 24:
            return None
        past = flux[here - min(since - self.LEAST, self.BACK) : here]  # it may show long after its peak, while another rings on
        back = len(past) - int(np.argmax(past))
        return at - (back if max(past) > self.FAINT else 8)

    def _follow(self, at):
        """Go on with the note that sounds; return it in a list if it has ended."""
        note, level, steady = self.note, self.level[self.PAST], self.steady[self.PAST]
        note["peak"] = max(note["peak"], level)
        if steady is None:
            note["dumb"] += 1
        else:
            note["votes" if at - note["onset"] >= self.SETTLED else "early"][steady] += 1
            note["dumb"] = 0
        note["quiet"] = note["quiet"] + 1 if level < max(note["peak"] - self.DROP, self.floor) else 0
        if note["quiet"] >= 6:
            return self._close(at - 5)
        if at - note["onset"] >= self.LONGEST:
            return self._close(at)
        if note["dumb"] >= self.MUTE:
            return self._close(at - note["dumb"])
        return []

    def _pitch(self):
        """The pitch that most frames of the note have had."""
        votes = self.note["votes"].most_common(1) if self.note else None
        return votes[0][0] if votes else None

    def _close(self, end):
        note, self.note = self.note, None
        votes = note["votes"] if note["votes"].total() >= 4 else note["votes"] + note["early"]
        if votes.total() < 5:
            return []
        pitch = self._elected(votes, note)
        onset = self._time(note["onset"])
        velocity = int(np.clip(round(130 + 2 * note["peak"]), 1, 127))
        return [Heard(onset, max(self._time(end), onset + self.ear.seconds), pitch, velocity)]

    def _elected(self, votes, note):
        """The pitch with most votes; that of the note before, which may ring on, only if no other has a few."""
        ranked = votes.most_common(2)
        rings = len(ranked) > 1 and ranked[0][0] == note["before"] and note["votes"].total() < 4 and ranked[1][1] >= 4
        return ranked[1 if rings else 0][0]

    def _time(self, frame):
        return max(frame * self.ear.seconds - self.EARLY, 0.0)


def find_notes(samples, *, sample_rate, lowest=LOWEST, highest=HIGHEST, floor_db=-50.0):
    """Return the notes of a whole sound: what :class:`NoteTracker` hears of it.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
    sample_rate, lowest, highest, floor_db
        As of :class:`NoteTracker`.

    Returns
    -------
    list of Heard
    """
    tracker = NoteTracker(sample_rate, lowest=lowest, highest=highest, floor_db=floor_db)
    return tracker.push(check_samples(samples)) + tracker.finish()
