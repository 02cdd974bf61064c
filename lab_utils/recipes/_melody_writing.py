"""The melody recipe at work: new melodies from a trained network, and their tokens as text and Score."""

from functools import lru_cache

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.errors import DataError, ParameterError, check_whole

BAR = 16  # 16ths
TEMPO = {"steps": 76.0, "symbols": 110.0}  # quarters a minute
FLUTE = 73  # General MIDI
LONGEST_TUNE = 512  # symbols; a sampled tune that has not ended by then is cut
STRIDE = 192  # steps: a melody that is gone on with is a multiple of it, so that one program does for nearly all
LONG = 4096  # steps in a batch from which compiling pays


def compose(model, form, *, seed=0, bars=8, temperature=0.9, batch=1, closes=True):
    """Return new melodies, a list of int32 arrays (T,); a tune's END is not among its tokens.

    Parameters
    ----------
    model : MelodyRNN
    form : Form
    seed, bars, temperature
        As in :func:`generate`.
    batch : int
        How many melodies.
    closes : bool
        Of tunes: whether a section may end only where its last bar is full, its upbeat counted.
    """
    from lab_utils.backend import keras
    from lab_utils.generation import sampling

    for name, value, low, high in (("bars", bars, 2, 64), ("batch", batch, 1, 1024), ("seed", seed, 0, 2**63)):
        check_whole(name, value, low, high)
    if not 0.05 <= temperature <= 5:
        raise ParameterError(f"temperature: expected a number from 0.05 to 5, received {temperature}; try 1.")
    if form.kind == "copy":
        raise ParameterError("run: expected one that writes music; `copy` was trained on a task made by rule.")
    steps = bars * BAR if form.kind == "steps" else LONGEST_TUNE
    noise = np.empty((batch, steps, 3), np.float32)
    noise[..., 0] = sampling.noise((batch, steps), seed=seed)
    noise[..., 1], noise[..., 2] = temperature, chorale.positions(steps) if form.kind == "steps" else 0
    sampler = _sampler(model, form, closes, keras.backend.backend() == "jax" or batch * steps > LONG)
    tokens = np.asarray(sampler.predict(noise, batch_size=batch, verbose=0))
    return list(tokens) if form.kind == "steps" else [_whole(row) for row in tokens]


def go_on(model, form, prompt, *, steps, seed=0, temperature=0.9):
    """Return what follows `prompt` in 16th steps, int32 (steps,).

    Parameters
    ----------
    model, form
        Of 16th steps.
    prompt : array_like of int, shape (T,)
        Tokens of :mod:`lab_utils.encoding.melody`, from the start of a bar on.
    steps : int
    seed, temperature
        As in :func:`compose`.

    Notes
    -----
    One call of the compiled sampler: it is given the prompt's tokens in place of its own. All is filled up to a multiple of
    :data:`STRIDE` steps, so that the program is made for few lengths; what stands behind the end changes nothing before it.
    """
    from lab_utils.generation import sampling

    prompt = np.asarray(prompt, np.int32)
    if form.kind != "steps":
        raise ParameterError(f"run: expected a network that writes 16th steps, received one of {form.kind}; try `soprano`.")
    if prompt.ndim != 1 or not len(prompt) or prompt.min() < 0 or prompt.max() >= form.size:
        raise ParameterError(f"prompt: expected tokens from 0 to {form.size - 1}, shape (steps,), received {prompt!r}.")
    whole = -(-(len(prompt) + steps) // STRIDE) * STRIDE
    noise = np.full((1, whole, 4), -1, np.float32)
    noise[0, :, 0], noise[0, :, 1] = sampling.noise((whole,), seed=seed), temperature
    noise[0, :, 2], noise[0, : len(prompt), 3] = chorale.positions(whole), prompt
    sampler = _sampler(model, form, False, True)
    return np.asarray(sampler.predict_on_batch(noise))[0, len(prompt) : len(prompt) + steps].astype(np.int32)


def _whole(tokens):
    """A tune up to its END, or all of it if it has none."""
    ends = np.flatnonzero(tokens == 0)
    return tokens[: ends[0]] if len(ends) else tokens


@lru_cache(maxsize=4)
def _sampler(model, form, closes, compiled):
    """Return the sampler of `model`, kept: making it ready takes longer than writing the next melody."""
    from lab_utils.models import MelodySampler

    sampler = MelodySampler(model, form.rule(closes=closes))
    sampler.compile(jit_compile=compiled)
    return sampler


def text_from_tokens(tokens, form, *, title="", number=1):
    """Return the ABC text of a tune's tokens (T,); a ParameterError if they make none."""
    from lab_utils.encoding.abc_tokens import abc_from_symbols

    return abc_from_symbols(form.vocabulary.symbols(tokens), title=title, number=number)


def score_from_tokens(tokens, form, *, title=""):
    """Return the Score of composed tokens (T,).

    Raises
    ------
    DataError or ParameterError
        If the symbols of a tune make no music: the network has to be trained longer.
    """
    from lab_utils import files
    from lab_utils.files.key import find_key

    if form.kind == "symbols":
        score = files.from_abc(text_from_tokens(tokens, form, title=title))
        return score.with_(tempos=((0.0, TEMPO["symbols"]),), programs=(FLUTE,), title=title)
    if not (tokens >= chorale.FIRST_PITCH).any():
        raise DataError("the network wrote nothing but rests; train it longer, or try another seed.")
    score = melody.score_from_line(*melody.line_from_tokens(tokens), tempo=TEMPO["steps"], title=title, program=FLUTE)
    return score.with_(keys=((0.0, *find_key(score)),))
