"""How fast the networks train: tokens a second of Keras beside the same architecture in PyTorch, on the same cores, in one run.

Run by `make bench`. Every network has the shipped size; every step reads a batch from NumPy, with dropout, clipped gradients and
AdamW. A line a network and backend: the median of the steps after the first few, which compile. All take turns, a block of steps
each, so that what else the machine does falls on all of them alike.

PyTorch is no part of the environment: `.venv/bin/uv pip install torch` first. Without it the ratio is left out.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np

STEPS, BATCH = 128, {"chorale": 32, "melody gru": 16, "melody lstm": 16, "melody attention": 16}
WARM, BLOCKS, BLOCK = 4, 4, 6
SIDES = ("torch", "jax", "tensorflow")


def main():
    """Start one process a side, let them take turns, and print tokens a second and ratios."""
    if len(sys.argv) > 1:
        return _serve(sys.argv[1])
    sides = {side: _started(side) for side in SIDES}
    sides = {side: process for side, process in sides.items() if process.stdout.readline().strip() == "ready"}
    if "torch" not in sides:
        print("PyTorch is not installed: no ratio (`.venv/bin/uv pip install torch`)")
    print("tokens a second while training, steps of", STEPS, "by batch")
    for network, batch in BATCH.items():
        for process in sides.values():
            _ask(process, {"network": network, "batch": batch, "steps": WARM})
        seconds = {side: [] for side in sides}
        for _ in range(BLOCKS):
            for side, process in sides.items():
                seconds[side] += _ask(process, {"network": network, "batch": batch, "steps": BLOCK})
        rates = {side: STEPS * batch / float(np.median(times)) for side, times in seconds.items()}
        for side, rate in rates.items():
            ratio = f"{rate / rates['torch']:6.2f} x PyTorch" if "torch" in rates and side != "torch" else ""
            print(f"{network:<18} {side:<12} {rate:10,.0f} {ratio}", flush=True)
    for process in sides.values():
        process.stdin.close()
        process.wait()
    return 0


def _started(side):
    environment = {**os.environ, "KERAS_BACKEND": side if side != "torch" else "jax"}
    environment.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as `lab-utils train` does
    return subprocess.Popen(
        [sys.executable, __file__, side], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, bufsize=1, env=environment,
    )  # fmt: skip


def _ask(process, task):
    process.stdin.write(json.dumps(task) + "\n")
    return json.loads(process.stdout.readline())


# ---------------------------------------------------------------- one side


def _serve(side):
    """Train what the lines of the standard input ask for, and answer the seconds of each step."""
    try:
        maker = _torch_step if side == "torch" else _keras_step
        if side == "torch":
            import torch  # noqa: F401
    except ImportError:
        return 1
    print("ready", flush=True)
    made = {}
    for line in sys.stdin:
        task = json.loads(line)
        network = task["network"]
        if network not in made:
            made[network] = maker(network), _batch(network, task["batch"])
        step, (inputs, tokens) = made[network]
        seconds = []
        for _ in range(task["steps"]):
            started = time.perf_counter()
            step(inputs, tokens)
            seconds.append(time.perf_counter() - started)
        print(json.dumps(seconds), flush=True)
    return 0


def _batch(network, batch):
    """A batch as training makes it: walks by steps, of four voices or of one."""
    from lab_utils.encoding import chorale, melody

    rng = np.random.default_rng(0)
    rows = []
    for _ in range(batch):
        walk = np.clip(np.cumsum(rng.integers(-2, 3, (STEPS // 2, 4)), axis=0), -6, 6) + [70, 64, 58, 50]
        tokens = chorale.tokens_from_grid(np.repeat(walk, 2, axis=0))
        if network == "chorale":
            row = {**chorale.inputs_from_tokens(tokens), "phrase": np.zeros(STEPS, np.int32)}
        else:
            tokens = tokens[:, 0]
            row = melody.inputs_from_tokens(tokens)
        rows.append({**row, "position": chorale.positions(STEPS), "tokens": tokens})
    inputs = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return inputs, inputs.pop("tokens")


def _keras_step(network):
    from lab_utils.recipes import chorale, melody
    from lab_utils.recipes._melody_data import Form

    if network == "chorale":
        config = chorale.SIZES["full"]
        model = chorale.build(config)
    else:
        config = melody.RECIPE.settle("full", settings=melody.VARIANTS[network.split()[1]])
        model = melody.build(config, Form("steps", repeats=False))
    model.compile(optimizer=config.make_optimizer(1000), jit_compile="auto")
    return lambda inputs, tokens: float(model.train_on_batch(inputs, tokens))


def _torch_step(network):
    import torch_networks
    from torch import nn, optim

    model = torch_networks.Chorale() if network == "chorale" else torch_networks.Melody(network.split()[1])
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)

    def step(inputs, tokens):
        optimizer.zero_grad()
        loss = model.loss(torch_networks.tensors(inputs), torch_networks.tensors({"tokens": tokens})["tokens"])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return float(loss)

    return step


if __name__ == "__main__":
    sys.exit(main())
