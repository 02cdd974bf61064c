"""How well the pipeline hears, and how fast it answers: a dialogue of some minutes in blocks of 10 ms, on this machine.

Prints the figures of ``lab-utils evaluate pipeline`` with what was aimed at. The clock's time counts: run it on a quiet machine.
Ten minutes of dialogue take about half a minute.
"""

from lab_utils.algorithms import pipeline
from lab_utils.backend import keras

AIMS = {
    "onset_f1": ">= 0.95 at 50 ms",
    "pitch_accuracy": ">= 0.95",
    "p95_latency_ms": "<= 250",
    "underruns": "0",
    "memory_growth_mb": "flat",
}


def main():
    """Measure and print."""
    found = pipeline.evaluate(minutes=10)
    print(f"backend {keras.backend.backend()}; {found['tunes']} tunes of the fold {found['fold']} on each instrument")
    for name, aim in AIMS.items():
        value = found[name]
        print(f"{name:<18} {'?' if value is None else format(value, '.4g'):>8}   aim: {aim}")
    for name, figures in found["instruments"].items():
        print(f"{name:<18} onset F1 {figures['onset_f1']:.3f}, pitch {figures['pitch_accuracy']:.3f}")
    print(f"{found['turns']} turns, median latency {found['p50_latency_ms']:.0f} ms, {found['load']:.3f} s of work a second")
    for name, stage in found["stages"].items():
        print(f"stage {name:<12} {stage['mean_ms']:.2f} ms a call, at most {stage['most_ms']:.0f} ms")


if __name__ == "__main__":
    main()
