"""What every recipe writes of a piece that it made: score, sound and pictures, under one name in one folder."""

from pathlib import Path

from lab_utils.progress import tell
from lab_utils.storage import write_bytes

LISTENED = 20  # seconds of a piece that is composed in the midst of a training


def write_piece(score, folder, name):
    """Write a Score as MIDI, MusicXML, WAV, staff and piano roll.

    Parameters
    ----------
    score : Score
    folder : str or Path
        Made if missing.
    name : str
        What the files are called.

    Returns
    -------
    dict
        Paths by kind: ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll``.
    """
    from lab_utils import audio, files, plots

    rate = 44_100
    condense = score.voices == (0, 1, 2, 3)  # a choir reads two staves
    ends = {"midi": ".mid", "musicxml": ".musicxml", "sound": ".wav", "staff": ".png", "staff_svg": ".svg", "roll": "_roll.png"}
    paths = {kind: Path(folder, name + end) for kind, end in ends.items()}
    files.write(score, paths["midi"])
    files.write(score, paths["musicxml"])
    files.write_sound(audio.synthesize(score, sample_rate=rate), paths["sound"], sample_rate=rate)
    write_bytes(plots.staff_png(score, scale=2, condense=condense), paths["staff"])
    write_bytes(plots.staff_svg(score, condense=condense).encode(), paths["staff_svg"])
    write_bytes(plots.pianoroll_png(score), paths["roll"])
    return paths


def write_heard(compose, folder, epoch):
    """Write what a network composes after `epoch` as ``epoch_0010.mid`` and the first seconds of it as ``epoch_0010.mp3``.

    Whatever goes wrong is told in a line and no more: a training is worth more than a piece.

    Parameters
    ----------
    compose : callable
        ``compose() -> Score``.
    folder : str or Path
    epoch : int

    Returns
    -------
    Path or None
        The MP3, if it could be made.
    """
    from lab_utils import audio, files

    path = Path(folder, f"epoch_{epoch:04d}.mp3")
    rate = 22_050
    try:
        score = compose()
        files.write(score, path.with_suffix(".mid"))
        samples = audio.synthesize(score, sample_rate=rate)[: LISTENED * rate]
        write_bytes(files.to_mp3_bytes(samples, sample_rate=rate), path)
    except Exception as error:  # whichever it is, the training goes on
        tell(f"epoch {epoch}: nothing to hear ({error})")
        return None
    return path
