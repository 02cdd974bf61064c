import base64
import re
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from lab_utils.audio import synthesize
from lab_utils.errors import ParameterError
from lab_utils.files.sound import read_sound
from lab_utils.plots import pianoroll_png, staff_png
from lab_utils.score import Score, note_array
from lab_utils.widgets import Player, gallery, play

RATE = 22050


@pytest.fixture(scope="module")
def tune():
    rows = [(quarter, 1, pitch, 80, voice) for voice, line in enumerate(((67, 69, 71, 72), (48, 50, 43, 48)))
            for quarter, pitch in enumerate(line)]  # fmt: skip
    return Score(note_array(rows), meters=((0.0, 2, 4),), title="A <small> tune & its bass")


@pytest.fixture(scope="module")
def sine():
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def _shown(thing):
    """What a notebook stores of `thing`: its bundle by MIME type, and the tags of its HTML."""
    bundle, _ = DisplayFormatter().format(thing)
    page = _Tags(bundle["text/html"])
    assert page.open == []
    return bundle, page


def _of(page, tag):
    return [attributes for name, attributes in page.tags if name == tag]


def _bytes(source, kind):
    start = f"data:{kind};base64,"
    assert source.startswith(start)
    return base64.b64decode(source.removeprefix(start), validate=True)


def _heard(page, tmp_path, place=0):
    path = tmp_path / "heard.mp3"
    path.write_bytes(_bytes(_of(page, "audio")[place]["src"], "audio/mpeg"))
    return read_sound(path)


def _size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert zlib.crc32(png[12:29]) == struct.unpack(">I", png[29:33])[0]
    return struct.unpack(">II", png[16:24])


# ---------------------------------------------------------------- a Score


def test_a_score_is_heard_and_its_staff_seen(tune, tmp_path):
    bundle, page = _shown(play(tune))
    assert set(bundle) == {"text/plain", "text/html"}
    samples, rate = _heard(page, tmp_path)
    assert rate == RATE
    expected = synthesize(tune, engine="embedded")
    assert len(samples) / rate == pytest.approx(len(expected) / RATE, abs=0.15)  # MP3 pads a little
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.05)
    (picture,) = _of(page, "img")
    assert _size(_bytes(picture["src"], "image/png"))[0] == 840
    assert picture["alt"] == "Staff of A <small> tune & its bass"


def test_the_title_is_text_and_not_markup(tune):
    bundle, page = _shown(play(tune))
    assert "A <small> tune & its bass" in page.text
    assert "<small>" not in bundle["text/html"]


def test_plain_text_is_stable(tune):
    player = play(tune, show=None)
    assert repr(player) == f"Player: A <small> tune & its bass, {player.seconds:.1f} s"
    assert re.fullmatch(r"Player: .*, \d+\.\d s", _shown(player)[0]["text/plain"])
    assert repr(play(tune, show=None, title="Mine")) == f"Player: Mine, {player.seconds:.1f} s"
    assert repr(play(tune, show=None, title="")) == f"Player: {player.seconds:.1f} s"


def test_the_same_score_gives_the_same_html(tune):
    assert play(tune)._repr_html_() == play(tune)._repr_html_()
    assert play(tune, show="roll")._repr_html_() == play(tune, show="roll")._repr_html_()


@pytest.mark.parametrize("show, alt", [("staff", "Staff of "), ("roll", "Piano roll of ")])
def test_the_picture_is_chosen(tune, show, alt):
    page = _shown(play(tune, show=show))[1]
    assert _of(page, "img")[0]["alt"].startswith(alt)


def test_no_picture(tune):
    assert _of(_shown(play(tune, show=None))[1], "img") == []


def test_times_that_have_no_written_value_are_shown_as_a_roll():
    played = Score(note_array([(0.0123, 0.377, 60), (0.41, 1.003, 64)]))
    assert _of(_shown(play(played))[1], "img")[0]["alt"].startswith("Piano roll")
    with pytest.raises(ParameterError):
        play(played, show="staff")


def test_some_bars_alone(tune, tmp_path):
    page = _shown(play(tune, bars=(2, 2)))[1]
    samples, rate = _heard(page, tmp_path)
    expected = synthesize(tune.bars(2, 2), engine="embedded")
    assert len(samples) / rate == pytest.approx(len(expected) / RATE, abs=0.15)
    assert play(tune, bars=(2, 2)).picture == staff_png(tune, bars=(2, 2))
    assert play(tune, bars=(2, 2), show="roll").picture == pianoroll_png(tune, bars=(2, 2), title="")
    assert play(tune).picture == staff_png(tune) != staff_png(tune, bars=(2, 2))


def test_options_reach_the_picture(tune):
    wide = _of(_shown(play(tune, show="staff", width=600))[1], "img")[0]
    assert _size(_bytes(wide["src"], "image/png"))[0] == 600


def test_a_score_at_another_rate(tune, tmp_path):
    assert _heard(_shown(play(tune, 44100, show=None))[1], tmp_path)[1] == 44100


def test_sound_alone_loads_no_picture_library():
    code = (
        "import sys, numpy as np; from lab_utils.widgets import play; "
        "from lab_utils.score import Score, note_array; play(Score(note_array([(0, 1, 60)])), show=None)._repr_html_(); "
        "print(sorted({'matplotlib', 'verovio', 'music21', 'numba', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


# ---------------------------------------------------------------- samples


def test_samples_are_heard_as_loud_as_they_are(sine, tmp_path):
    bundle, page = _shown(play(0.2 * sine, RATE, title="a quiet A"))
    samples, rate = _heard(page, tmp_path)
    assert rate == RATE
    middle = samples[RATE // 4 : RATE // 2]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.1 / np.sqrt(2), rel=0.05)
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.fft.rfftfreq(len(middle), 1 / RATE)[power.argmax()] == pytest.approx(440, abs=5)
    assert bundle["text/plain"] == "Player: a quiet A, 1.0 s"
    assert _of(page, "img") == []


def test_what_is_too_loud_is_turned_down(sine, tmp_path):
    samples, _ = _heard(_shown(play(4 * sine, RATE))[1], tmp_path)
    middle = samples[RATE // 4 : RATE // 2]
    assert 0.95 < np.abs(middle).max() <= 1
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(np.sqrt(0.5), abs=0.02)  # still a sine, not clipped


@pytest.mark.parametrize("rate, played", [(8000, 8000), (20000, 22050), (6000, 8000), (96000, 48000)])
def test_rates_that_mp3_lacks(rate, played, tmp_path):
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
    player = play(tone, rate)
    samples, found = _heard(_shown(player)[1], tmp_path)
    assert (found, player.seconds) == (played, 1.0)
    assert len(samples) / found == pytest.approx(1, abs=0.3)
    middle = samples[found // 4 : found // 2]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.fft.rfftfreq(len(middle), 1 / found)[power.argmax()] == pytest.approx(440, abs=5)


@pytest.mark.parametrize(
    "sound, options, told",
    [
        (np.zeros(9, np.float32), {}, "sample_rate: samples need their rate in Hz, received None"),
        (np.zeros(9, np.float32), {"sample_rate": 0}, "sample_rate: expected a whole number"),
        (np.zeros(9, np.float32), {"sample_rate": 22050.5}, "sample_rate: expected a whole number"),
        (np.zeros(9, np.float32), {"sample_rate": RATE, "show": "staff"}, "show: samples have no staff"),
        (np.zeros(9, np.float32), {"sample_rate": RATE, "bars": (1, 2)}, "show: samples have no staff, roll or bars"),
        (np.zeros((9, 2), np.float32), {"sample_rate": RATE}, r"samples: expected one channel.*received \(9, 2\)"),
        (np.zeros(9, np.int16), {"sample_rate": RATE}, "samples: expected floats"),
        (np.full(9, np.nan), {"sample_rate": RATE}, "samples: expected numbers, received NaN"),
        (Score(note_array([])), {}, "score: expected at least one note"),
        (Score(note_array([(0, 1, 60)])), {"show": "tablature"}, "show: expected 'staff', 'roll', 'auto' or None"),
        (Score(note_array([(0, 1, 60)])), {"bars": (3, 4)}, "bars: "),
    ],
)
def test_what_cannot_be_played(sound, options, told):
    with pytest.raises(ParameterError, match=told):
        play(sound, **options)


# ---------------------------------------------------------------- galleries


def test_a_gallery_holds_players_by_caption(tune, sine, tmp_path):
    shown = gallery({"first": sine, "second": play(0.1 * sine, RATE, title="old"), "tune": tune}, RATE)
    bundle, page = _shown(shown)
    assert bundle["text/plain"] == f"Players: first, 1.0 s; second, 1.0 s; tune, {shown.players[2].seconds:.1f} s"
    assert [page.text.index(caption) for caption in ("first", "second", "tune")] == sorted(
        page.text.index(caption) for caption in ("first", "second", "tune")
    )
    assert "old" not in page.text
    assert len(_of(page, "audio")) == 3
    assert _of(page, "img") == []
    loud, quiet = (np.abs(_heard(page, tmp_path, place)[0][5000:15000]).max() for place in (0, 1))
    assert loud == pytest.approx(10 * quiet, rel=0.1)


def test_a_gallery_with_pictures(tune):
    assert len(_of(_shown(gallery({"a": tune, "b": tune}, show="roll"))[1], "img")) == 2


@pytest.mark.parametrize("sounds", [{}, [], np.zeros(9)])
def test_a_gallery_of_nothing(sounds):
    with pytest.raises(ParameterError, match="sounds: expected a dict of sounds by caption"):
        gallery(sounds, RATE)


# ---------------------------------------------------------------- notebooks


def test_nothing_that_an_untrusted_jupyterlab_drops(tune):
    """JupyterLab's sanitizer keeps these tags and attributes; it drops scripts, <source> tags and handlers."""
    kept = {
        "figure": {"style"},
        "div": {"style"},
        "span": {"style"},
        "b": set(),
        "audio": {"controls", "preload", "src", "style"},
    }
    kept["img"] = {"alt", "src", "style"}
    page = _shown(gallery({"a": play(tune)}))[1]
    assert all(set(attributes) <= kept[tag] for tag, attributes in page.tags)


def test_media_are_as_the_sanitizer_of_stored_notebooks_expects(tune):
    """Once what stands between quotes after data:… is replaced, nothing of sound or picture is left to compare."""
    page = play(tune)._repr_html_()
    replaced = re.sub(r"data:(audio|image)/[-+.\w]+;base64,[A-Za-z0-9+/=\s]+", r"data:\1;base64,BYTES", page)
    assert len(replaced) < 1200
    assert replaced.count("BYTES") == 2


def test_a_player_is_small(tune):
    long = Score(note_array([(quarter, 1, 60 + quarter % 12) for quarter in range(60)]))  # half a minute
    assert len(play(long, show=None)._repr_html_()) < 250_000
    assert len(play(tune)._repr_html_()) < 60_000


def test_a_player_may_be_made_by_hand(sine):
    picture = play(Score(note_array([(0, 1, 60)]))).picture
    page = _shown(Player(sine, RATE, title="by hand", picture=picture, alt="a note"))[1]
    assert _bytes(_of(page, "img")[0]["src"], "image/png") == picture
