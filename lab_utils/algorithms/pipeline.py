"""The pipeline: a dialogue in sound, in which the melody model answers what it hears.

Three stages, each of which can be swapped (:mod:`lab_utils.generation.pipeline`):

* **listen**: :class:`lab_utils.audio.notes.NoteTracker`, onsets and pitch;
* **answer**: :class:`~lab_utils.algorithms._pipeline_answer.Continuation`, the melody model goes on from the phrase;
* **play**: :class:`lab_utils.audio.tones.Instrument`, tones of the SoundFont rendered beforehand.

:func:`ready` joins them, :func:`respond` answers a whole sound, :func:`generate` writes the reply to a file, :func:`evaluate`
measures how well it hears and how fast it answers, :func:`simulated` the latter alone.

A dialogue between a musician and a machine that goes on from the musician's phrases is the idea of Pachet's Continuator (2003);
600 ms of silence, three seconds, and a reply as long as the phrase within one and eight seconds follow Mann's A.I. Duet (2016).

Used by the notebook ``12_dialogue_pipeline`` and the widget :mod:`lab_utils.widgets.live`.
"""

from functools import lru_cache
from pathlib import Path

from lab_utils.algorithms import _pipeline_figures as figures
from lab_utils.algorithms._pipeline_answer import FLUTE, Continuation, mirror, prompt_from_score
from lab_utils.algorithms._pipeline_figures import simulated
from lab_utils.audio.notes import NoteTracker, find_notes
from lab_utils.audio.tempo import score_from_heard
from lab_utils.errors import DataError
from lab_utils.generation.pipeline import Dialogue

__all__ = ["Continuation", "evaluate", "generate", "instrument", "mirror", "prompt_from_score", "ready", "respond", "simulated"]


def ready(
    *, sample_rate=22050, seed=0, background=False, headphones=True, answer=None, run="soprano", temperature=0.9, program=FLUTE,
    engine="auto", **options,
):  # fmt: skip
    """Return a :class:`~lab_utils.generation.pipeline.Dialogue` that can begin at once: all that takes seconds is done here.

    Parameters
    ----------
    sample_rate : int
        In Hz, of what comes in and goes out; 8,000 or more.
    seed : int
        Of the first reply.
    background : bool
        Whether a thread makes the replies: for live sound.
    headphones : bool
        False: it does not listen while it plays.
    answer : callable, optional
        Another middle stage, such as :func:`mirror`, which needs no network.
    run, temperature, program
        Of :class:`Continuation`.
    engine : str
        Of the instrument, as of :func:`lab_utils.audio.synthesize`.
    options
        Of Dialogue.
    """
    answer = Continuation(run, seed=seed, temperature=temperature, program=program) if answer is None else answer
    stages = NoteTracker(sample_rate), answer, instrument(program, sample_rate, engine)
    return Dialogue(*stages, sample_rate=sample_rate, background=background, headphones=headphones, **options)


@lru_cache(maxsize=4)
def instrument(program=FLUTE, sample_rate=22050, engine="auto"):
    """Return the :class:`~lab_utils.audio.tones.Instrument` of a General MIDI program, made once."""
    from lab_utils.audio.tones import Instrument

    return Instrument(program, sample_rate=sample_rate, engine=engine)


def respond(samples, *, sample_rate, seed=0, **options):
    """Return (phrase, reply), two Scores: what was heard in a whole sound, taken as one phrase, and what is answered.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
    sample_rate : int
    seed : int
    options
        Of :class:`Continuation`.

    Raises
    ------
    DataError
        If no note is heard.
    """
    heard = find_notes(samples, sample_rate=sample_rate)
    if not heard:
        raise DataError("prompt: no note can be heard in it; play louder, or choose a sound of one voice with clear pitches.")
    first = heard[0].onset_seconds
    heard = [note._replace(onset_seconds=note.onset_seconds - first, end_seconds=note.end_seconds - first) for note in heard]
    seconds = min(max(heard[-1].end_seconds, 1.0), 8.0)
    return score_from_heard(heard), Continuation(seed=seed, **options)(heard, seconds)


def generate(*, prompt=None, seed=0, temperature=0.9, out="out"):
    """Answer a sound file and write the reply; return where it is.

    Parameters
    ----------
    prompt : str or Path, optional
        A sound file (WAV, FLAC, MP3 or OGG) with one voice; left out, a violin plays two bars of a held-out tune.
    seed : int
        The same seed gives the same reply.
    temperature : float
        Under 1 plays safe, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg`` and ``roll`` of the reply, and of the
        ``dialogue``, phrase and reply in one sound; ``notes_heard``, ``tempo`` found, ``seconds`` of the reply, ``seed``.
    """
    import numpy as np

    from lab_utils import files
    from lab_utils.audio.samples import resample
    from lab_utils.recipes._output import write_piece

    if prompt is None:
        samples, rate, name = *figures.opening(seed), "a tune"
    else:
        samples, rate = files.read_sound(prompt)
        name = Path(prompt).stem
    usual = 22050 if rate < 8000 else rate
    samples, rate = (resample(samples, rate, usual), usual) if rate < 8000 else (samples, rate)
    phrase, reply = respond(samples, sample_rate=rate, seed=seed, temperature=temperature)
    made = write_piece(reply.with_(title=f"Reply to {name}"), out, "reply")
    both = np.concatenate([samples, instrument(FLUTE, rate)(reply)])
    made["dialogue"] = Path(out, "dialogue.wav")
    files.write_sound(both, made["dialogue"], sample_rate=rate)
    return {**made, "notes_heard": len(phrase), "tempo": phrase.tempo, "seconds": reply.duration_seconds, "seed": seed}


def evaluate(*, fold="valid", samples=20, minutes=10.0, run="soprano"):
    """Return how well the pipeline hears and how fast it answers.

    Parameters
    ----------
    fold : {"valid", "test"}
        Whose tunes are played to it, on piano, flute and violin, by the embedded synthesizer.
    samples : int
        How many tunes, of each the first 20 s.
    minutes : float
        Of the simulated dialogue, in blocks of 10 ms.
    run : str or Path
        The melody model that answers.

    Returns
    -------
    dict
        ``onset_f1``, ``pitch_accuracy``, both over all instruments, ``instruments`` (the same for each), ``p95_latency_ms``,
        ``p50_latency_ms``, ``underruns``, ``turns``, ``minutes``, ``memory_growth_mb``, ``stages`` (mean ms of work a call).
    """
    heard = figures.hearing(fold=fold, tunes=samples)
    dialogue = ready(sample_rate=figures.RATE, run=run)
    return {**heard, **simulated(dialogue, minutes=minutes, fold=fold)}
