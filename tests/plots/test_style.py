import subprocess
import sys
from itertools import combinations

import matplotlib
import nbformat
import numpy as np
import pytest
from matplotlib import pyplot
from nbclient import NotebookClient

from lab_utils.errors import DataError, ParameterError
from lab_utils.plots import PALETTE, dress, figure_bytes, plot_pianoroll, plot_spectrograms, plot_training, save_figure
from lab_utils.plots.style import apart, new_axes

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def cielab(colour, sight):
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_four_voices_stay_apart_for_every_eye(sight):
    seen = [cielab(colour, sight) for colour in PALETTE[:4]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 30  # a just visible difference is about 2


def test_four_voices_stay_apart_in_grey():
    lightness = sorted(cielab(colour, "full")[0] for colour in PALETTE[:4])
    assert min(np.diff(lightness)) > 8


def test_all_colours_differ_and_show_on_white():
    assert len(set(PALETTE)) == len(PALETTE)
    assert all(cielab(colour, "full")[0] < 75 for colour in PALETTE)


@pytest.mark.parametrize("epochs", [2, 12, 16, 200])
def test_epochs_are_marked_at_whole_ones(epochs):
    _, axes = pyplot.subplots(1, 3, figsize=(7, 2.3))
    dress(axes[0], x="epoch")
    axes[0].plot(range(1, epochs + 1), range(epochs))
    assert all(tick == round(tick) for tick in axes[0].get_xticks())


def test_importing_changes_nothing():
    code = """
import sys, matplotlib
before = dict(matplotlib.RcParams(**{k: matplotlib.rcParams._get(k) for k in matplotlib.rcParams}))
import lab_utils.plots
from lab_utils.plots import pianoroll, grid, sound, curves, staff, style
assert "matplotlib.pyplot" not in sys.modules, "pyplot"
assert before == {k: matplotlib.rcParams._get(k) for k in matplotlib.rcParams}, "rcParams"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_the_face_loads_nothing():
    code = "import sys, lab_utils.plots; print([m for m in ('matplotlib', 'verovio', 'PIL', 'resvg_py') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_plotting_leaves_settings_and_other_styles_alone(chorale):
    with pyplot.style.context("dark_background"):
        before = dict(matplotlib.rcParams)
        ax = plot_pianoroll(chorale)
        figure_bytes(ax, kind="svg")
        assert dict(matplotlib.rcParams) == before
        assert matplotlib.colors.to_hex(ax.get_facecolor()) == matplotlib.colors.to_hex(ax.figure.get_facecolor()) == "#ffffff"


def test_a_dressed_plot_has_the_shared_look():
    ax = pyplot.figure().subplots()
    assert dress(ax, title="lengths", x="step", y="share") is ax
    assert (ax.get_title(loc="left"), ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("lengths", "", "step", "share")
    assert [side for side, spine in ax.spines.items() if spine.get_visible()] == ["left", "bottom"]
    dress(ax)  # what is left out stays as it was
    assert ax.get_xlabel() == "step" and ax.get_title(loc="left") == "lengths"


def test_apart_moves_only_what_touches():
    assert apart([10.0, 50.0, 30.0], 5.0) == pytest.approx([10.0, 50.0, 30.0])
    assert apart([10.0, 10.0], 4.0) == pytest.approx([8.0, 12.0])
    assert apart([3.0, 1.0, 2.0, 20.0], 4.0) == pytest.approx([6.0, -2.0, 2.0, 20.0])
    assert apart([], 1.0).shape == (0,)


def test_apart_keeps_gap_and_order():
    wished = np.random.default_rng(3).uniform(0, 60, 25)
    placed = apart(wished, 2.0)
    order = np.argsort(wished)
    assert np.diff(placed[order]).min() >= 2.0 - 1e-9
    assert placed.mean() == pytest.approx(wished.mean())


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_plot_gives_the_same_bytes(chorale, kind):
    history = {"loss": [3.0, 2.0, 1.5], "val_loss": [3.1, 2.4, 2.5]}
    for draw in (lambda: plot_pianoroll(chorale), lambda: plot_training(history, baselines={"unigram": 2.2})):
        assert figure_bytes(draw(), kind=kind) == figure_bytes(draw(), kind=kind)


def test_files_carry_no_date_and_no_version(chorale):
    ax = plot_pianoroll(chorale)
    svg, png = figure_bytes(ax, kind="svg"), figure_bytes(ax)
    assert b"date" not in svg.lower() and b"matplotlib v" not in svg.lower()
    assert b"tEXt" not in png and b"iTXt" not in png and b"tIME" not in png


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("b.svg", b"<?xml"), ("C.PNG", b"\x89PNG")])
def test_the_suffix_decides(tmp_path, chorale, name, start):
    ax = plot_pianoroll(chorale)
    assert save_figure(ax, tmp_path / "new" / name) is ax
    assert (tmp_path / "new" / name).read_bytes().startswith(start)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_another_suffix_is_refused(tmp_path, chorale):
    with pytest.raises(ParameterError, match=r"path: expected .*\.png or \.svg, received .*roll\.gif"):
        save_figure(plot_pianoroll(chorale), tmp_path / "roll.gif")
    with pytest.raises(ParameterError, match="kind: expected 'png' or 'svg', received 'gif'"):
        figure_bytes(plot_pianoroll(chorale), kind="gif")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing(tmp_path, chorale):
    (tmp_path / "roll.png").mkdir()
    with pytest.raises(DataError, match="roll.png: cannot be written"):
        save_figure(plot_pianoroll(chorale), tmp_path / "roll.png")
    assert [path.name for path in tmp_path.iterdir()] == ["roll.png"]


def test_saving_lets_go_of_figures_that_nobody_sees(tmp_path, chorale):
    ax = plot_pianoroll(chorale)
    assert len(pyplot.get_fignums()) == 1
    save_figure(ax, tmp_path / "roll.png")
    assert pyplot.get_fignums() == []
    save_figure(ax, tmp_path / "again.png")  # the axes live on
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "roll.png").read_bytes()


def test_several_axes_and_figures_are_saved_too(tmp_path):
    values = np.linspace(-60, 0, 20 * 9).reshape(20, 9)
    axes = plot_spectrograms({"one": values, "two": values}, (8000, 64))
    save_figure(axes, tmp_path / "both.png")
    save_figure(axes[0].figure, tmp_path / "figure.png")
    assert (tmp_path / "both.png").read_bytes() == (tmp_path / "figure.png").read_bytes()


def test_figures_are_840_pixels_wide():
    assert new_axes().figure.bbox.width == pytest.approx(840)


def test_a_notebook_shows_each_figure_once(monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel chooses its own
    cells = [
        "from lab_utils.plots import pianoroll_png, plot_pianoroll\n"
        "from lab_utils.score import Score, note_array\n"
        "score = Score(note_array([(0, 1, 60), (1, 1, 62)]))",
        "ax = plot_pianoroll(score)",
        "picture = pianoroll_png(score)",
        "2 + 2",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    pictures = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert pictures == [0, 1, 0, 0]
