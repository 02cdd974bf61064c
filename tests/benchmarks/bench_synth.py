"""How fast sound is made: a chorale of half a minute, from Score to samples and to a scaled spectrogram, on one core.

Prints seconds of music a second of processor time for each engine and a few programs; the processor's time, not the clock's, so
that other work on the machine counts less. Numpy's own threads are kept to one.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import time  # noqa: E402

import numpy as np  # noqa: E402

from lab_utils.audio import Scaler, Transform, engines, synthesize  # noqa: E402
from lab_utils.score import Score, note_array  # noqa: E402

PROGRAMS = {"piano": 0, "harpsichord": 6, "organ": 19, "violin": 40, "strings": 48, "choir": 52, "flute": 73}
ROUNDS = 3


def chorale(quarters=60):
    """Four voices of quarters at 120 a minute, each in its range, with eighths now and then."""
    random = np.random.default_rng(269)
    rows = []
    for voice, middle in enumerate((72, 65, 58, 48)):
        for quarter in range(quarters):
            parts = 2 if random.random() < 0.25 else 1
            rows += [(quarter + k / parts, 1 / parts, middle + int(random.integers(-5, 6)), 80, voice) for k in range(parts)]
    return Score(note_array(rows), tempos=((0.0, 120.0),))


def seconds(task):
    """The least processor time of a few rounds, after one that loads what is needed."""
    task()
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        task()
        spent.append(time.process_time() - start)
    return min(spent)


def main():
    """Print one line for each engine and program."""
    score, transform = chorale(), Transform()
    length = score.duration_seconds
    scaler = Scaler(-100.0, 0.0)
    print(f"{length:.0f} s of four voices, {len(score)} notes, at {transform.sample_rate} Hz; × real time:")
    print(f"{'engine':<12}{'program':<14}{'sound':>8}{'spectrogram, scaled':>22}")
    for engine in (name for name, found in engines().items() if found.ready):
        for name, program in PROGRAMS.items():
            played = score.with_(programs=(program,) * 4)

            def sound(engine=engine, played=played):
                return synthesize(played, engine=engine)

            def scaled(sound=sound):
                return scaler.transform(transform.forward(sound()))

            print(f"{engine:<12}{name:<14}{length / seconds(sound):>7.0f}×{length / seconds(scaled):>21.0f}×")


if __name__ == "__main__":
    main()
