"""Trained networks as ``next_logits`` of a search: four voices in turn under a given soprano, and one voice in 16th steps.

The state of a hypothesis stays on the device, whole; what the beam reorders is only the number of the row that each hypothesis
goes on from, and the next compiled step picks the rows. A frame of four voices takes three such steps: soprano and alto, tenor,
bass.
"""

from functools import lru_cache

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.generation.constraints import Alphabet

ALPHABET = Alphabet.of_steps(encoding.LOWEST, encoding.HIGHEST)
VOICES = 4


class Kept:
    """What a state holds on the device, all rows of it: no beam reorders it."""

    def __init__(self, state=None, ready=None):
        self.state, self.ready = state, ready

    def __len__(self):
        return 1


def take(leaf, rows):
    """Pick rows of a leaf of a state, as the searches ask for."""
    return leaf if isinstance(leaf, Kept) else np.take(leaf, rows, axis=0)


def first_state():
    """Return the state to begin a search with."""
    return np.zeros(1, np.int32), Kept()


@lru_cache(maxsize=4)
def chorale_model(run):
    """Return the network of a run, kept: (model, its stepper, its two compiled steps)."""
    from lab_utils.models import ChoraleStepper
    from lab_utils.recipes import chorale
    from lab_utils.training import compiled

    model, _ = chorale.load(run)
    stepper = ChoraleStepper(model)
    return model, stepper, compiled(stepper.open, model.variables), compiled(stepper.voice, model.variables)


def chorale_logits(run, soprano, position, phrase):
    """Return ``next_logits`` of the four voices in turn, the soprano given.

    Parameters
    ----------
    run : str or Path
        As in :func:`lab_utils.recipes.chorale.load`.
    soprano, position, phrase : np.ndarray of int32, shape (frames,)
        Its tokens, places in the bar and phrase numbers.
    """
    _, stepper, open_frame, voice_of = chorale_model(run)
    frames = np.stack([position, phrase, soprano], axis=1).astype(np.int32)

    def next_logits(prefixes, state):
        rows, kept = state
        count, (frame, voice) = len(prefixes), divmod(prefixes.shape[1], VOICES)
        if voice == 0:
            given = np.empty((count, 4 + VOICES), np.int32)
            given[:, 0], given[:, 1:5] = rows, prefixes[:, -VOICES:] if frame else 0
            given[:, 5:] = frames[frame]
            logits, device = open_frame(kept.state if frame else stepper.begin(count), given)
            logits = np.asarray(logits)
            return logits[:, 0], (np.arange(count, dtype=np.int32), Kept(device, logits[:, 1]))
        if voice == 1:
            return kept.ready[rows], state
        given = np.concatenate([rows[:, None], prefixes[:, frame * VOICES :]], axis=1)
        return np.asarray(voice_of(kept.state, given)), state

    return next_logits


@lru_cache(maxsize=4)
def melody_model(run):
    """Return the network of a run of 16th steps, kept: (model, form, its stepper, its compiled step)."""
    from lab_utils.errors import ParameterError
    from lab_utils.models import MelodyStepper
    from lab_utils.recipes import melody
    from lab_utils.training import compiled

    model, form, _ = melody.load(run)
    if form.kind != "steps":
        raise ParameterError(f"run: expected a melody network of 16th steps such as soprano, received {run!r}.")
    stepper = MelodyStepper(model)
    return model, form, stepper, compiled(stepper.step, model.variables)


def melody_logits(run, position):
    """Return ``next_logits`` of one voice; `position`, int32 (steps,), is the place of each step in the bar."""
    _, _, stepper, step_on = melody_model(run)
    position = np.asarray(position, np.int32)

    def next_logits(prefixes, state):
        rows, kept = state
        count, step = len(prefixes), prefixes.shape[1]
        given = np.empty((count, 3), np.int32)
        given[:, 0], given[:, 1], given[:, 2] = rows, prefixes[:, -1] if step else 0, position[step]
        logits, device = step_on(kept.state if step else stepper.begin(count), given)
        return np.asarray(logits), (np.arange(count, dtype=np.int32), Kept(device))

    return next_logits
