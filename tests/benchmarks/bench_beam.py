"""Restricted beam search: seconds a harmonisation, and a beam against greedy choice and drawing, on each installed backend.

Run by `make bench`. Harmonised are sopranos of the validation fold, the longest among them, after a first one that compiles;
filled are melodies round pinned notes. A backend has a process of its own.
"""

import importlib.util
import os
import subprocess
import sys
import time

PIECES, TASKS = 8, 20


def main():
    """Print the figures of each backend."""
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None:
            print(f"backend {backend}: not installed")
            continue
        subprocess.run([sys.executable, __file__, "one"], env={**os.environ, "KERAS_BACKEND": backend}, check=True)


def one():
    """The figures on the backend of this process."""
    from lab_utils.algorithms import _beam_figures as figures
    from lab_utils.algorithms import beam
    from lab_utils.backend import keras
    from lab_utils.datasets import load_chorales

    print(f"backend {keras.backend.backend()}")
    pieces = sorted(load_chorales().fold("valid"), key=len)
    pieces = [*pieces[:: len(pieces) // PIECES][: PIECES - 1], pieces[-1]]
    begun = time.perf_counter()
    beam.harmonise(pieces[0])
    print(f"{'first harmony, with loading':<34} {time.perf_counter() - begun:8.2f} s")
    for beams in (1, 8, 16):
        found = figures.harmony_figures(pieces, beams=beams)
        name = f"harmonise, beam of {beams}"
        print(f"{name:<34} {found['mean']:8.2f} s mean {found['max']:8.2f} s longest {found['nats']:8.4f} nats", flush=True)
    print(f"{'Bach under the same network':<34} {found['nats_of_bach']:40.4f} nats")
    begun = time.perf_counter()
    found = figures.fill_figures(figures.draw_tasks(pieces, TASKS, seed=1), beams=16)
    for name, value in found["log_probability"].items():
        print(f"{'fill 64 steps, ' + name:<34} {-value:8.4f} nats a step")
    print(f"{'a melody in all four ways':<34} {(time.perf_counter() - begun) / TASKS:8.2f} s", flush=True)


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else main()
