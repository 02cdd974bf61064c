"""A player for notebooks: compressed sound, with the staff or the piano roll under it, inside the cell's output.

Conventions
-----------
* The sound is MP3 in the ``src`` of the ``<audio>`` tag itself. An untrusted JupyterLab, in which every student opens a
  notebook, drops the ``<source>`` tag that IPython's own player writes, and plays this one. It needs no script.
* A Score is played by the embedded synthesizer, so that the stored output is the same on every machine.
* The picture is a PNG, for an untrusted JupyterLab shows no SVG. Everything of colour is left to the page, dark or light.
* ``repr`` gives title and length alone, so that a stored notebook compares.
* Samples are played as loud as they are; what is louder than full scale is turned down to it.

What it leaves out: a moving cursor, loops, volume. Used by every notebook from ``00_start_here`` on.
"""

import base64
import html
from collections.abc import Mapping

import numpy as np

from lab_utils.audio.samples import check_samples, resample
from lab_utils.audio.synth import synthesize
from lab_utils.errors import ParameterError
from lab_utils.files.sound import MP3_RATES, to_mp3_bytes
from lab_utils.score import Score

SAMPLE_RATE = 22050  # Hz, for a Score: half the bytes of 44,100, and all that four voices need
BOX = "margin:4px 0 10px; max-width:840px"
ROW = "display:flex; flex-wrap:wrap; align-items:center; gap:4px 14px"
AUDIO = "height:34px; width:340px; max-width:100%"
PICTURE = "display:block; margin-top:6px; max-width:100%; height:auto"
FAINT = "opacity:0.65"


class Player:
    """A sound that a notebook plays; made by :func:`play`.

    Parameters
    ----------
    samples : np.ndarray of float32, shape (samples,)
    sample_rate : int
        In Hz.
    title : str
    picture : bytes, optional
        A PNG to show under the sound.
    alt : str
        What the picture shows, in words.
    """

    def __init__(self, samples, sample_rate, *, title="", picture=None, alt=""):
        self.samples = check_samples(samples)
        self.sample_rate, self.title, self.picture, self.alt = sample_rate, title, picture, alt

    @property
    def seconds(self):
        """The length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def mp3(self):
        """The sound as the bytes of an MP3 file; at the next higher rate that MP3 has, where it lacks this one."""
        samples = self.samples / max(1.0, float(np.abs(self.samples).max()))
        rate = next((rate for rate in MP3_RATES if rate >= self.sample_rate), MP3_RATES[-1])
        if rate != self.sample_rate:
            samples = np.clip(resample(samples, self.sample_rate, rate), -1, 1)  # the filter may overshoot
        return to_mp3_bytes(samples, sample_rate=rate)

    def __repr__(self):
        return f"Player: {_named(self)}"

    def _repr_html_(self):
        return f'<figure style="{BOX}">{_row(self)}{_image(self)}</figure>'


class Gallery:
    """Players under each other, to be compared; made by :func:`gallery`.

    Parameters
    ----------
    players : iterable of Player
    """

    def __init__(self, players):
        self.players = tuple(players)

    def __repr__(self):
        return "Players: " + "; ".join(map(_named, self.players))

    def _repr_html_(self):
        return f'<div style="{BOX}">' + "".join(player._repr_html_() for player in self.players) + "</div>"


def play(sound, sample_rate=None, *, show="auto", title=None, bars=None, engine="embedded", **options):
    """Return a player for a Score or for samples; as the last line of a cell it appears under it.

    Parameters
    ----------
    sound : Score or np.ndarray of float, shape (samples,)
    sample_rate : int, optional
        In Hz. Samples need it; a Score is played at 22,050 unless it is given.
    show : {"auto", "staff", "roll", None}
        The picture of a Score: its staff or its piano roll. "auto" is the staff, or the roll where the times have no written
        value; it shows nothing for samples.
    title : str, optional
        The Score's own title if left out.
    bars : (int, int), optional
        The first and last bar of a Score to play and show, as printed; all if left out.
    engine : str, default="embedded"
        What plays a Score; see :func:`lab_utils.audio.synthesize`.
    **options
        Of the picture, as in :func:`lab_utils.plots.staff_png` or :func:`lab_utils.plots.pianoroll_png`.

    Returns
    -------
    Player

    Raises
    ------
    ParameterError
        An empty Score; samples without a rate, empty, stereo, integers, or with a NaN; an unknown `show`; a picture for samples.

    Examples
    --------
    >>> play(score, show="roll")
    >>> play(samples, 22050, title="Griffin-Lim, 32 rounds")
    """
    if show not in ("auto", "staff", "roll", None):
        raise ParameterError(f"show: expected 'staff', 'roll', 'auto' or None, received {show!r}.")
    if isinstance(sound, Score):
        return _play_score(sound, sample_rate or SAMPLE_RATE, show, title, bars, engine, options)
    if show in ("staff", "roll") or bars or options:
        raise ParameterError("show: samples have no staff, roll or bars; play the Score that they came from.")
    if sample_rate is None:
        raise ParameterError("sample_rate: samples need their rate in Hz, received None; write play(samples, 22050).")
    return Player(sound, _whole(sample_rate), title=title or "")


def gallery(sounds, sample_rate=None, *, show=None, **options):
    """Return players under each other, to be compared.

    Parameters
    ----------
    sounds : dict of str → Score, Player or np.ndarray
        What is heard, by caption.
    sample_rate, show, **options
        As in :func:`play`; no pictures by default, but a Player keeps the one it has.

    Returns
    -------
    Gallery

    Raises
    ------
    ParameterError
        An empty dict, and as :func:`play`.

    Examples
    --------
    >>> gallery({"original": samples, "true phase": again, "Griffin-Lim": found}, 22050)
    """
    if not isinstance(sounds, Mapping) or not sounds:
        raise ParameterError(f"sounds: expected a dict of sounds by caption, received {type(sounds).__name__}; name each.")
    return Gallery(_captioned(sound, caption, sample_rate, show, options) for caption, sound in sounds.items())


def _captioned(sound, caption, sample_rate, show, options):
    if isinstance(sound, Player):
        return Player(sound.samples, sound.sample_rate, title=caption, picture=sound.picture, alt=sound.alt)
    return play(sound, sample_rate, show=show, title=caption, **options)


def _play_score(score, sample_rate, show, title, bars, engine, options):
    title = score.title if title is None else title
    heard = score.bars(*bars) if bars else score
    samples = synthesize(heard, sample_rate=sample_rate, engine=engine)
    picture, kind = _picture(score, show, options | ({"bars": bars} if bars else {}))
    return Player(samples, sample_rate, title=title, picture=picture, alt=f"{kind} of {title or 'the piece'}")


def _picture(score, show, options):
    from lab_utils import plots  # here, because sound alone needs no matplotlib and no engraver

    if show is None:
        return None, ""
    if show in ("auto", "staff"):
        try:
            return plots.staff_png(score, **options), "Staff"
        except ParameterError:
            if show == "staff" or options.keys() - {"bars"}:
                raise
    return plots.pianoroll_png(score, **({"title": ""} | options)), "Piano roll"


def _whole(sample_rate):
    if isinstance(sample_rate, bool) or not isinstance(sample_rate, int | np.integer) or sample_rate < 1:
        raise ParameterError(f"sample_rate: expected a whole number of Hz, received {sample_rate!r}.")
    return int(sample_rate)


def _named(player):
    return f"{player.title}, {player.seconds:.1f} s" if player.title else f"{player.seconds:.1f} s"


def _row(player):
    sound = base64.b64encode(player.mp3).decode()
    title = f"<b>{html.escape(player.title)}</b> " if player.title else ""
    return (
        f'<div style="{ROW}"><audio controls preload="metadata" style="{AUDIO}" src="data:audio/mpeg;base64,{sound}"></audio>'
        f'<span>{title}<span style="{FAINT}">{player.seconds:.1f} s</span></span></div>'
    )


def _image(player):
    if player.picture is None:
        return ""
    picture = base64.b64encode(player.picture).decode()
    return f'<img alt="{html.escape(player.alt)}" style="{PICTURE}" src="data:image/png;base64,{picture}">'
