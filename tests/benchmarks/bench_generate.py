"""How fast the chorale network composes: the compiled sampler beside a loop that calls `predict` for every frame.

Run by `make bench`. The network is the shipped one; both write the same number of tokens (four a frame) and both rates are
taken after a first call that compiles.
"""

import time

import numpy as np

from lab_utils.backend import keras
from lab_utils.encoding import chorale as encoding
from lab_utils.generation import sampling
from lab_utils.models import ChoraleSampler
from lab_utils.recipes import chorale

STEPS = 256
LOOP_FRAMES = 12


def main():
    """Print tokens a second of each way and the ratio."""
    model, _ = chorale.load("chorale")
    loop = _loop_rate(model)
    print(f"backend {keras.backend.backend()}; tokens a second")
    print(f"predict loop, window of 64 frames    {loop:10,.0f}")
    for batch, compiled in ((1, False), (1, True), (64, True)):
        rate = _sampler_rate(model, batch, compiled)
        name = f"sampler, batch of {batch}{', XLA' if compiled else ''}"
        print(f"{name:<36} {rate:10,.0f}   {rate / loop:7.1f} x the loop")


def _loop_rate(model):
    """The way of most tutorials: show the last frames to `predict`, pick one token, four times a frame."""
    rng = np.random.default_rng(0)
    tokens = encoding.tokens_from_grid(np.repeat(rng.integers(50, 70, (16, 4)), 4, axis=0))
    model.compile()

    def write():
        shown = encoding.inputs_from_tokens(tokens)
        shown |= {"position": encoding.positions(len(tokens)), "phrase": np.zeros(len(tokens), np.int32)}
        logits = model.predict({name: values[None] for name, values in shown.items()}, verbose=0)
        return sampling.pick(logits[0, -1, 0], rng.random())

    write()
    started = time.perf_counter()
    for _ in range(4 * LOOP_FRAMES):
        write()
    return 4 * LOOP_FRAMES / (time.perf_counter() - started)


def _sampler_rate(model, batch, compiled):
    sampler = ChoraleSampler(model)
    sampler.compile(jit_compile=compiled)
    inputs = np.ones((batch, STEPS, 7), np.float32)
    inputs[..., :4] = sampling.noise((batch, STEPS, 4), seed=1)
    inputs[..., 5:] = 0
    sampler.predict(inputs, batch_size=batch, verbose=0)
    started = time.perf_counter()
    sampler.predict(inputs, batch_size=batch, verbose=0)
    return batch * STEPS * 4 / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
