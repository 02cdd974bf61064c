"""The home page: a piece that a network composed, heard, as a staff and as a spectrogram, and the way through the course.

Sound and staff are those that notebook 00 stores; the spectrogram is computed from that very sound, so that a line can run
through it while it plays. The names of the notebooks are those of README.md's table.
"""

import base64
import html
import io
import re
from pathlib import PurePosixPath

from staging import ASSIGNMENTS, SOLUTIONS, SiteError, heading

ROW = re.compile(r"^\| \[(\d+) ([^\]]+)\]\(notebooks/([^)]+)\.ipynb\) \| (.+) \|$", re.MULTILINE)
GROUP = re.compile(r"^<!-- notebooks ([\d ]+)-->$", re.MULTILINE)
SOUND = re.compile(r'src="data:audio/mpeg;base64,([^"]+)"')
STAFF = re.compile(r'<img alt="([^"]*)"[^>]*src="data:image/png;base64,([^"]+)"')
HIGHEST, BANDS, LOUDEST, SOFTEST = 3000, 180, -6.0, -60.0  # Hz, mel bands, dB


def page(template, repository, course):
    """Return the home page's text.

    Parameters
    ----------
    template : str
        With the marks ``<!-- hero -->``, ``<!-- notebooks 01 02 -->``, ``<!-- practice -->`` and ``<!-- toctrees -->``.
    repository : staging.Repository
    course : list of nbformat.NotebookNode
        The course's notebooks, in the order of ``repository.course``.

    Returns
    -------
    str

    Raises
    ------
    SiteError
        A notebook that no group of the template names, or a group that names one which is not there.
    """
    known = {number: (f"notebooks/{name}", title, text) for number, title, name, text in ROW.findall(_readme(repository))}
    for path, notebook in zip(repository.course, course, strict=True):
        name = PurePosixPath(path).stem
        known.setdefault(name[:2], (f"notebooks/{name}", heading(notebook), ""))
    grouped = " ".join(GROUP.findall(template)).split()
    if sorted(grouped) != sorted(known):
        raise SiteError(f"notebooks/site/index.md: its groups name the notebooks {sorted(grouped)}, there are {sorted(known)}.")
    text = GROUP.sub(lambda found: _steps(found.group(1).split(), known), template)
    sounds = sum(_texts(notebook).count("<audio") for notebook in course)
    return (
        text.replace("<!-- hero -->", hero(_texts(course[0])))
        .replace("<!-- practice -->", _practice(repository))
        .replace("<!-- toctrees -->", _toctrees(known, repository))
        .replace("{notebooks}", str(len(known)))
        .replace("{sounds}", str(sounds))
    )


def without_course(readme):
    """Return README.md's text without the table of notebooks, which is the home page's; with a title of its own."""
    text = re.sub(r"^## The course\n.*?(?=^## )", "", readme, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^# .+$", "# Set up and use", text, count=1, flags=re.MULTILINE)


def hero(outputs):
    """Return the piece at the top: its sound, staff and spectrogram, from the HTML outputs of a notebook."""
    sound, staff = SOUND.search(outputs), STAFF.search(outputs)
    if not sound or not staff:
        raise SiteError("notebook 00 stores no player with a staff, which the home page shows.")
    picture, seconds = spectrogram(base64.b64decode(sound.group(1)))
    return f"""<figure class="hero">
<audio controls preload="metadata" src="data:audio/mpeg;base64,{sound.group(1)}"></audio>
<img class="staff" alt="{html.escape(staff.group(1))}" src="data:image/png;base64,{staff.group(2)}">
<div class="sounding">
<img alt="Spectrogram of the same sound" src="data:image/png;base64,{base64.b64encode(picture).decode()}">
<i></i>
</div>
<figcaption>{seconds:.0f} seconds, three ways: what you hear, the staff, and the sound as a picture. There time runs to the right,
pitch upwards, and what is bright is loud.</figcaption>
</figure>"""


def spectrogram(mp3):
    """Return the mel spectrogram of an MP3 file's bytes as a PNG without a frame, and its length in seconds."""
    import numpy as np
    import soundfile
    from matplotlib import colormaps
    from PIL import Image

    samples, rate = soundfile.read(io.BytesIO(mp3), dtype="float32")
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, 2048), 4096)[:: max(1, len(samples) // 1200)]
    power = np.abs(np.fft.rfft(frames * np.hanning(4096), axis=1)) ** 2  # (frames, 2049)
    wanted = 700 * (np.expm1(np.linspace(np.log1p(60 / 700), np.log1p(HIGHEST / 700), BANDS)))  # Hz, even in mel
    bins = np.fft.rfftfreq(4096, 1 / rate)
    level = 10 * np.log10(np.array([np.interp(wanted, bins, one) for one in power]) + 1e-12)
    level -= level.max() - LOUDEST
    shade = np.clip((level - SOFTEST) / (LOUDEST - SOFTEST), 0, 1)
    colours = (255 * colormaps["magma"](shade.T[::-1])[..., :3]).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).quantize(128).save(file, "PNG", optimize=True)
    return file.getvalue(), len(samples) / rate


def _readme(repository):
    return (repository.root / "README.md").read_text()


def _texts(notebook):
    """Return all HTML that a notebook's outputs hold."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "\n".join(output.data["text/html"] for output in outputs if "text/html" in output.get("data", {}))


def _steps(numbers, known):
    steps = []
    for number in numbers:
        path, title, text = known[number]
        steps.append(f'<li><a href="{path}.html"><b>{number}</b><span>{html.escape(title)}</span>{html.escape(text)}</a></li>')
    return '<ol class="path">\n' + "\n".join(steps) + "\n</ol>"


def _practice(repository):
    """Return what there is to do besides reading."""
    parts = []
    if repository.solutions:
        parts.append(f"Each notebook closes with exercises; try them before you open [the solutions]({SOLUTIONS}/index.md).")
    if repository.assignments:
        count, link = len(repository.assignments), f"[the assignments]({ASSIGNMENTS}/index.md)"
        parts.append(f"In {link}, {count} in all, you build things, and tests say what is right and what is next.")
    if repository.classroom:
        parts.append(f"Teachers find a page of their own: [how to run the course]({ASSIGNMENTS}/classroom.md).")
    return "\n".join(["## Do it yourself", "", *parts]) if parts else ""


def _toctrees(known, repository):
    """Return the tables of contents, which the side of every page shows."""
    course = [f"{number} · {title} <{path}>" for number, (path, title, _) in sorted(known.items())]
    practice = []
    if repository.solutions:
        practice.append(f"Exercises, solved <{SOLUTIONS}/index>")
    if repository.assignments:
        practice.append(f"Assignments <{ASSIGNMENTS}/index>")
    if repository.classroom:
        practice.append(f"For teachers <{ASSIGNMENTS}/classroom>")
    reference = ["Set up and use <setup>", "The data <data>", "The trained networks <checkpoints>", "The package <api/index>"]
    parts = (("The course", course), ("Practice", practice), ("Look up", reference))
    return "\n\n".join(
        "```{toctree}\n:hidden:\n:caption: " + caption + "\n\n" + "\n".join(entries) + "\n```"
        for caption, entries in parts
        if entries
    )
