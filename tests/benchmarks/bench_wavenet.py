"""How fast WaveNet plays: kept activations, compiled, alone and in batches, beside the naive way, on each installed backend.

Run by `make bench`. The network is the shipped one, 8 kHz; all rates of a backend are taken in one process, one after another,
after a first call that compiles. The naive way sends the whole receptive field through the network for every sample, as the
paper's own code did; it is compiled too. Backends: one process each, since a process has one.
"""

import importlib.util
import os
import subprocess
import sys

BATCHES = 1, 8, 32


def main():
    """Print samples a second of each way, and the ratios to the naive way and to real time."""
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None:
            print(f"backend {backend}: not installed")
            continue
        environment = {**os.environ, "KERAS_BACKEND": backend}
        subprocess.run([sys.executable, __file__, "one"], env=environment, check=True)


def one():
    """The rates on the backend of this process."""
    from lab_utils.backend import keras
    from lab_utils.recipes import wavenet
    from lab_utils.recipes._wavenet_lines import conditions_of, line_of
    from lab_utils.recipes._wavenet_sound import rates
    from lab_utils.score import Score, note_array

    model, config = wavenet.load("wavenet")
    sample_rate = config["settings"]["sample_rate"]
    line = line_of(Score(note_array([(i, 1, pitch) for i, pitch in enumerate((60, 64, 67, 72))])))
    told = {"conditions": conditions_of(line)[None]}
    options = {"sample_rate": sample_rate, "seconds": 2.0}
    print(f"backend {keras.backend.backend()}; samples a second; receptive field {model.receptive_field}")
    naive = rates(model, told, batches=(), **options)["naive"]
    print(f"{'naive, one stream':<28} {naive:12,.1f}", flush=True)
    for batch in BATCHES:
        rate = rates(model, told, batches=(batch,), naive=0, **options)[batch]
        name = "kept activations, one stream" if batch == 1 else f"kept, batch of {batch}"
        of_time = rate / batch / sample_rate
        print(f"{name:<28} {rate:12,.0f}   {rate / naive:9,.0f} x naive   {of_time:6.2f} x real time each", flush=True)


if __name__ == "__main__":
    one() if sys.argv[1:] == ["one"] else main()
