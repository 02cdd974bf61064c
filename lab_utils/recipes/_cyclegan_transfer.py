"""Files in, files out: the verb ``transfer`` of the command line, a trained CycleGAN at work on anybody's music.

Read is what :func:`lab_utils.files.read` reads: MIDI, MusicXML, ABC. The line on top is transferred (which notes those are, and
what becomes of other meters, triplets and notes out of range: :mod:`lab_utils.recipes._cyclegan_lines`), all other notes stay
below it, or are dropped if that is asked for. The instrument stays the same, so that what is heard is the notes' doing. Written
are the source and its transfer, each as MIDI, MusicXML, WAV, staff and piano roll: all of them or nothing.
"""

import os
import tempfile
from pathlib import Path

import numpy as np

from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation.transfer import chroma_f1
from lab_utils.recipes import _cyclegan_lines as lines
from lab_utils.recipes import _cyclegan_network as network
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import _judge_network
from lab_utils.recipes._cyclegan_phrases import STYLES
from lab_utils.recipes._output import write_piece

MOST_BARS = 200  # of a piece; a longer one would take minutes to engrave


def transfer_score(score, to, change, *, alone=False, name="score"):
    """Return (source, transfer, cut) of a Score: what was read, and what became of it.

    Parameters
    ----------
    score : Score
    to : str
        "hymn" or "dance".
    change : callable
        ``change(numbers, to) -> numbers``, as :mod:`lab_utils.recipes._cyclegan_figures` takes it.
    alone : bool
        Leave out all notes that are not of the line.
    name : str
        What to call the Score in an error.

    Returns
    -------
    source, transfer : Score
        The source as it was, with `alone` its line.
    cut : lab_utils.recipes._cyclegan_lines.Cut
        What was transferred.
    made : np.ndarray of uint8, shape (W, 64, 2)
        What became of its windows.
    """
    if to not in STYLES:
        raise ParameterError(f"to: expected {' or '.join(STYLES)}, received {to!r}.")
    cut = lines.cut(score, name=name)
    made = np.asarray(change(cut.numbers, to))
    line, others = lines.lay(score, cut, made)
    before, _ = lines.lay(score, cut, cut.numbers)
    source = score.with_(notes=before) if alone else score
    notes = line if alone else np.concatenate([line, others])
    title = f"{score.title or 'A line'}, as a {to}"
    return source, score.with_(notes=notes, title=title), cut, made


def transfer_file(file, *, to, run="cyclegan", out="out", seed=0, temperature=0.0, alone=False):
    """Transfer the music of a file to another style and write both; return where they are and what was done.

    Parameters
    ----------
    file : str or Path
        MIDI, MusicXML or ABC, with a melody or with several voices.
    to : str
        "hymn" or "dance".
    run : str or Path
        A run's folder, or "cyclegan".
    out : str or Path
        The folder for the files.
    seed : int
        Of the chance in what is picked, with a temperature over 0.
    temperature : float
        From 0, the likeliest notes, to 2.
    alone : bool
        Write the line on top and nothing else.

    Returns
    -------
    dict
        ``source`` and ``transfer``, the paths of each: ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll``;
        ``content_f1`` of both; ``called`` the wished style, the share of the windows of each that the judge calls so;
        ``notes``, of the line before and after; ``remarks``, what had to be done to read it.

    Raises
    ------
    DataError
        If the file cannot be read, or holds no notes to transfer.
    ParameterError
        For a style that there is not.
    """
    from lab_utils import files

    if to not in STYLES:
        raise ParameterError(f"to: expected {' or '.join(STYLES)}, received {to!r}.")
    if Path(out).exists() and not Path(out).is_dir():
        raise DataError(f"{out}: is a file; name a folder for what is written.")
    score, remarks = _read(files.read(file), Path(file).name)
    model, _ = network.load(run)

    def change(numbers, style):
        return network.transfer(model, numbers, to=style, temperature=temperature, seed=seed)

    source, made, cut, numbers = transfer_score(score, to, change, alone=alone, name=Path(file).name)
    judge, style = _judge_network.load(), STYLES.index(to)
    called = [float((_judge_network.probability(judge, of)[:, style] > 0.5).mean()) for of in (cut.numbers, numbers)]
    grids = [phrases.grid_from_numbers(of)[0] for of in (cut.numbers, numbers)]
    return {
        **_written({"source": source, "transfer": made}, Path(out)),
        "content_f1": float(chroma_f1(*grids).mean()),
        "called": {"source": called[0], "transfer": called[1]},
        "notes": {"source": int(cut.onsets.sum()), "transfer": int((made.voice_notes(cut.voice)["pitch"] >= 0).sum())},
        "seed": seed, "remarks": "; ".join((*remarks, *cut.remarks)) or "none",
    }  # fmt: skip


def _read(score, name):
    """Return (score, remarks): a piece that is too long is cut."""
    if not len(score):
        raise DataError(f"{name}: has no notes; give a file with a melody.")
    numbers = score.bar_numbers()
    if len(numbers) <= MOST_BARS:
        return score, ()
    return score.bars(numbers[0], numbers[MOST_BARS - 1]), (f"the first {MOST_BARS} of {len(numbers)} bars",)


def _written(scores, out):
    """Write Scores by name into a folder beside `out`, then move the files there; return the paths by name."""
    above = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    with tempfile.TemporaryDirectory(dir=above, prefix=".transfer-") as beside:
        written = {name: write_piece(score, beside, name) for name, score in scores.items()}
        try:
            out.mkdir(parents=True, exist_ok=True)
            for paths in written.values():
                for kind, path in paths.items():
                    os.replace(path, out / path.name)
                    paths[kind] = out / path.name
        except OSError as error:
            raise DataError(f"{out}: cannot be written ({error.strerror or error}); choose another folder.") from error
    return written
