"""How fast the 275 bars are prepared, from MIDI to scaled spectrogram, on one core; and the usual way beside it, in one run.

Prints seconds of sound a second of processor time (other work on the machine counts less in it than in the clock's time).
Each way is warm: what it loads once is loaded before. Threads are kept to one. The ways:

* **prepare**: `prepare_stave275` as it is, cache written, with each synthesizer that is installed.
* **steps**: the same without the cache: read the MIDI bytes, play, transform, scale.
* **pretty_midi**: `pretty_midi.PrettyMIDI(…).fluidsynth()`, `librosa.stft`, `amplitude_to_db`, the same scaling. It loads the
  SoundFont anew for each bar, and plays a tail that is then cut off.

To reach: 80 × real time a core.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import pretty_midi  # noqa: E402

from lab_utils.audio import Scaler, Transform, engines  # noqa: E402
from lab_utils.datasets.prepare import prepare_stave275  # noqa: E402
from lab_utils.datasets.prepare_parts import render  # noqa: E402
from lab_utils.datasets.stave275 import load_stave275  # noqa: E402
from lab_utils.files import read_midi, write_midi  # noqa: E402

SECONDS = 2.0
TRANSFORM = Transform()
SCALER = Scaler(-100.0, 0.0)


def midi_files(bars, folder):
    """Write the bars as MIDI, each at the tempo that makes it last SECONDS; return the paths."""
    paths = []
    for bar in bars:
        tempo = 60 * float(bar.score.bar_lines()[-1]) / SECONDS
        paths.append(folder / f"{bar.name}.mid")
        write_midi(bar.score.with_(tempos=((0.0, tempo),)), paths[-1])
    return paths


def steps(path, engine):
    """Our way, without the cache."""
    sound = render(read_midi(path), transform=TRANSFORM, seconds=SECONDS, tempo="written", engine=engine)
    return SCALER.transform(TRANSFORM.forward(sound))


def usual(path):
    """The way of most tutorials."""
    sound = pretty_midi.PrettyMIDI(str(path)).fluidsynth(fs=TRANSFORM.sample_rate)[: int(SECONDS * TRANSFORM.sample_rate)]
    sound = librosa.util.fix_length(sound.astype(np.float32), size=int(SECONDS * TRANSFORM.sample_rate))
    magnitude = np.abs(librosa.stft(sound, n_fft=TRANSFORM.window, hop_length=TRANSFORM.hop))
    return SCALER.transform(librosa.amplitude_to_db(magnitude, ref=np.max, top_db=100).T)


def speed(task, paths):
    """Seconds of sound a second of processor time, after a warm-up on one bar."""
    task(paths[0])
    start = time.process_time()
    for path in paths:
        task(path)
    return SECONDS * len(paths) / (time.process_time() - start)


def whole(engine, folder):
    """The same for the whole preparation in this process, and the seconds to take it from the cache."""
    os.environ["LAB_CACHE"] = str(folder)
    load_stave275()  # some of it is read from the corpus once, which is no part of this
    start = time.process_time()
    found = prepare_stave275(engine=engine, seconds=SECONDS, jobs=1, progress=False)
    spent = time.process_time() - start
    start = time.perf_counter()
    prepare_stave275(engine=engine, seconds=SECONDS, jobs=1, progress=False)
    return SECONDS * len(found) / spent, time.perf_counter() - start


def main():
    """Print a line for each way."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bars = load_stave275()
    ready = [name for name, found in engines().items() if found.ready]
    print(f"{len(bars)} bars of {SECONDS:.0f} s at {TRANSFORM.sample_rate} Hz, {TRANSFORM.bins} bins; × real time on one core:")
    with tempfile.TemporaryDirectory() as folder:
        paths = midi_files(bars, Path(folder))
        for engine in ready:
            played = speed(lambda path, engine=engine: steps(path, engine), paths)
            prepared, cached = whole(engine, Path(folder, "cache", engine))
            print(f"steps        {engine:<12}{played:>6.0f}×")
            print(f"prepare      {engine:<12}{prepared:>6.0f}×   (again, from the cache: {cached:.1f} s)")
        if "fluidsynth" in ready:
            print(f"pretty_midi  {'fluidsynth':<12}{speed(usual, paths[::5]):>6.0f}×")


if __name__ == "__main__":
    main()
