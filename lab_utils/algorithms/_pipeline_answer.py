"""The pipeline's stage in the middle: from the notes of a phrase to a reply, as a Score.

Conventions
-----------
* A phrase comes as Heard, in seconds from its first onset; the reply has the tempo found in the phrase: it goes on in its pulse.
* The melody model writes the sopranos of chorales in 16ths. A phrase is moved by octaves to where most of it lies in the range
  that the model has seen; single notes beyond are folded in by octaves; the reply is moved back as far.
* The model reads the phrase as the start of a melody, up to the next quarter, and writes on. What it first only holds on is left
  out, so that a reply starts with a note.
* ``mirror`` needs no network: it plays the phrase upside down.
"""

from functools import lru_cache

import numpy as np

from lab_utils.audio.tempo import STEPS, score_from_heard
from lab_utils.encoding import melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD

FLUTE = 73
LOW, HIGH = 60, 81  # the sopranos that the model has learnt from
LONGEST_PROMPT = 80  # steps: of a longer phrase its end
SPARE = 16  # steps written beyond the reply, for what is left out at its start


class Continuation:
    """Answers with the melody model.

    Parameters
    ----------
    run : str or Path
        A trained run of the recipe ``melody`` in 16th steps.
    seed : int
        Of the first reply; each further one takes the next number.
    temperature : float
        Under 1 plays safe, over 1 dares more.
    program : int
        General MIDI: the reply's instrument.
    """

    def __init__(self, run="soprano", *, seed=0, temperature=0.9, program=FLUTE):
        self.model, self.form = _loaded(str(run))
        self.seed, self.temperature, self.program, self.count = seed, temperature, program, 0
        self.write([FIRST_PITCH + 40], 1)  # makes the compiled program, which takes seconds

    def write(self, prompt, steps):
        """Return `steps` tokens that follow the tokens of a `prompt`."""
        from lab_utils.recipes._melody_writing import go_on

        seed = self.seed + self.count
        return go_on(self.model, self.form, prompt, steps=steps, seed=seed, temperature=self.temperature)

    def __call__(self, phrase, seconds):
        """Return the reply to a phrase.

        Parameters
        ----------
        phrase : list of Heard
        seconds : float
            Length wanted.

        Returns
        -------
        Score
            At most a 16th longer or shorter than `seconds`; the phrase's mirror image if the model has written no note.
        """
        score = score_from_heard(phrase)
        steps = max(round(seconds * score.tempo / 60 * STEPS), 1)
        prompt, shift = prompt_from_score(score, repeats=self.form.repeats)
        tokens = self.write(prompt, steps + SPARE)
        self.count += 1
        starts = np.flatnonzero(tokens[: SPARE + 1] >= FIRST_PITCH)
        if not len(starts):
            return mirror(phrase, seconds, program=self.program)
        line, onsets = melody.line_from_tokens(tokens[starts[0] : starts[0] + steps])
        line = np.where(line >= 0, line - shift, line)
        reply = melody.score_from_line(line, onsets, tempo=score.tempo, program=self.program)
        return _as_loud(reply, score)


def prompt_from_score(score, *, repeats=False):
    """Return (tokens (T,), shift): a phrase as the model reads it, and by how many semitones it was moved there.

    Parameters
    ----------
    score : Score
        One voice on a grid of 16ths.
    repeats : bool
        Whether the model knows repeated notes; if not, they are long ones.
    """
    pitches = score.notes["pitch"]
    shifts = np.arange(-5, 6) * 12
    beyond = [np.mean((pitches + shift < LOW) | (pitches + shift > HIGH)) for shift in shifts]
    shift = int(min(zip(beyond, np.abs(shifts), shifts, strict=True))[2])
    notes = score.notes.copy()
    notes["pitch"] = folded(pitches + shift)
    line, onsets = melody.line_from_score(score.with_(notes=notes))
    missing = -len(line) % STEPS
    tokens = melody.tokens_from_line(line, onsets if repeats else None)
    tokens = np.concatenate([tokens, np.full(missing, HOLD, tokens.dtype)])
    return tokens[-LONGEST_PROMPT:], shift


def folded(pitches):
    """Return `pitches` with those beyond the model's range brought into it by octaves."""
    pitches = np.where(pitches < LOW, LOW + (pitches - LOW) % 12, pitches)
    return np.where(pitches > HIGH, HIGH - (HIGH - pitches) % 12, pitches)


def mirror(phrase, seconds, *, program=FLUTE):
    """Return the phrase upside down around its first note, cut to `seconds`: what rose falls; a Score."""
    score = score_from_heard(phrase, program=program)
    notes = score.notes[score.seconds(score.notes["onset_quarter"]) < seconds].copy()
    first = int(notes["pitch"][0])
    notes["pitch"] = np.clip(2 * first - notes["pitch"], 0, 127)
    return score.with_(notes=notes)


def _as_loud(reply, score):
    notes = reply.notes.copy()
    notes["velocity"] = int(np.clip(np.median(score.notes["velocity"]), 50, 110))
    return reply.with_(notes=notes)


@lru_cache(maxsize=2)
def _loaded(run):
    from lab_utils.recipes import melody as recipe

    model, form, _ = recipe.load(run)
    return model, form
