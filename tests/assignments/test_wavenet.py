"""The assignment `wavenet`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "wavenet"
POINTS = {"encode": 3, "decode": 3, "convolution": 4, "receptive": 2, "gate": 3, "cache": 3, "cheap": 2}

ENCODE = """def mulaw_encode(samples, levels=256):
    half, mu = levels // 2, {mu}
    x = {x}
    bent = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)
    return {codes}
"""
TOP, CLIP = "np.minimum(np.round(half * bent) + half, levels - 1).astype(int)", "np.clip(samples, -1, 1)"
DECODE = """def mulaw_decode(codes, levels=256):
    bent = {bent}
    return np.sign(bent) * ((1 + levels - 1) ** np.abs(bent) - 1) / (levels - 1)
"""
CONVOLUTION = """def causal_convolution(x, past, now, dilation):
    {body}
"""
GATE = """def gated_layer(x, sums, onward, bias):
    {halves}
    z = np.tanh(f) * {door}
    return {out}, z
"""
RECEPTIVE = """def receptive_field(dilations, kernel=2):
    return {field}


def layers_for(samples):
    return {layers}
"""
CACHED = """class Cached:
    def __init__(self, layers, activation=np.tanh):
        self.layers, self.activation = layers, activation
        self.queues = [deque([np.zeros(len(past))] * {length}) for d, past, _ in layers]

    def step(self, x):
        entered = x
        for queue, (_, past, now) in zip(self.queues, self.layers):
            {push}
            x = self.activation(before @ past + x @ now)
        return x
"""
OLDEST_FIRST = "before = queue.popleft(); queue.append({kept})"
SHARED = """QUEUES = {}


class Cached:
    def __init__(self, layers, activation=np.tanh):
        self.layers, self.activation = layers, activation
        self.queues = QUEUES.setdefault(id(layers), [deque([np.zeros(len(past))] * d) for d, past, _ in layers])

    def step(self, x):
        for queue, (_, past, now) in zip(self.queues, self.layers):
            before = queue.popleft()
            queue.append(np.array(x))
            x = self.activation(before @ past + x @ now)
        return x
"""
ALL_AGAIN = """class Cached:
    def __init__(self, layers, activation=np.tanh):
        self.layers, self.activation, self.seen = layers, activation, []
        self.hears = 1 + sum(d for d, _, _ in layers)

    def step(self, x):
        self.seen = [*self.seen, np.array(x)][-self.hears :]
        x = np.array(self.seen)
        for d, past, now in self.layers:
            x = self.activation(np.concatenate([np.zeros((d, x.shape[1])), x])[: len(x)] @ past + x @ now)
        return x[-1]
"""

WRONG = [
    Wrong(
        "the loudest sample gets a code that there is not",
        {"encode_answer": ENCODE.format(mu="levels - 1", x=CLIP, codes="(np.round(half * bent) + half).astype(int)")},
        loses={"encode"},
        says="a right answer gives 255",
    ),
    Wrong(
        "codes are floats",
        {"encode_answer": ENCODE.format(mu="levels - 1", x=CLIP, codes=TOP.replace(".astype(int)", ""))},
        loses={"encode"},
        says="whole numbers were asked for",
    ),
    Wrong(
        "μ is 255 whatever the levels: only a hidden test sees it",
        {"encode_answer": ENCODE.format(mu="255", x=CLIP, codes=TOP)},
        loses={"encode"},
        says="sets both μ and the number of steps",
    ),
    Wrong(
        "samples are clipped in place: only a hidden test sees it",
        {"encode_answer": ENCODE.format(mu="levels - 1", x="np.clip(samples, -1, 1, out=samples)", codes=TOP)},
        loses={"encode"},
        says="do not change the one that you are given",
    ),
    Wrong(
        "codes of the type uint8 wrap around: only a hidden test sees it",
        {"decode_answer": DECODE.format(bent="(codes - levels // 2) / (levels // 2)")},
        loses={"decode"},
        says="Unsigned numbers cannot fall below 0",
    ),
    Wrong(
        "the decoder prints",
        {"decode_answer": DECODE.format(bent="(np.asarray(codes, float) - 128) / 128").replace("return", "print(") + "    )"},
        loses={"decode"},
        says="returned None",
    ),
    Wrong(
        "np.roll: the end of the sound comes round to its start",
        {"convolution_answer": CONVOLUTION.format(body="return np.roll(x, dilation, axis=0) @ past + x @ now")},
        loses={"convolution"},
        says="Before the start stand zeros",
    ),
    Wrong(
        "a sound shorter than the dilation: only a hidden test sees it",
        {
            "convolution_answer": CONVOLUTION.format(
                body="return np.vstack([np.zeros((dilation, x.shape[1])), x[:-dilation]]) @ past + x @ now"
            )
        },
        loses={"convolution"},
        says="3 moments under a dilation of 8",
    ),
    Wrong(
        "the field doubles with each layer, even where dilations start over",
        {"receptive_answer": RECEPTIVE.format(field="2 ** len(dilations)", layers="int(np.ceil(np.log2(samples)))")},
        loses={"receptive"},
        says="it is no power of two",
    ),
    Wrong(
        "one layer too few where the field is not exact",
        {"receptive_answer": RECEPTIVE.format(field="1 + (kernel - 1) * sum(dilations)", layers="int(np.log2(samples))")},
        loses={"receptive"},
    ),
    Wrong(
        "no residual",
        {
            "gate_answer": GATE.format(
                halves="f, g = np.split(sums, 2, axis=1)", door="1 / (1 + np.exp(-g))", out="z @ onward + bias"
            )
        },
        loses={"gate"},
        says="The input is added",
    ),
    Wrong(
        "halves of the moments, not of the channels",
        {
            "gate_answer": GATE.format(
                halves="f, g = sums.reshape(2, *x.shape)", door="1 / (1 + np.exp(-g))", out="x + z @ onward + bias"
            )
        },
        loses={"gate"},
        says="each moment is a row",
    ),
    Wrong(
        "a sigmoid that overflows: only a hidden test sees it",
        {
            "gate_answer": GATE.format(
                halves="f, g = np.split(sums, 2, axis=1)", door="np.exp(g) / (1 + np.exp(g))", out="x + z @ onward + bias"
            )
        },
        loses={"gate"},
        says="Where e^g overflows",
    ),
    Wrong(
        "queues one too short",
        {"cached_answer": CACHED.format(length="(d - 1)", push="queue.append(np.array(x)); before = queue.popleft()")},
        loses={"cache", "cheap"},
    ),
    Wrong(
        "every layer remembers the network's input: only a hidden test sees it",
        {"cached_answer": CACHED.format(length="d", push=OLDEST_FIRST.format(kept="np.array(entered)"))},
        loses={"cache", "cheap"},
        says="what came into that layer",
    ),
    Wrong(
        "the caller's array lies in the queue: only a hidden test sees it",
        {"cached_answer": CACHED.format(length="d", push=OLDEST_FIRST.format(kept="x"))},
        loses={"cache"},
        says="Keep a copy",
    ),
    Wrong(
        "two stacks of the same layers share their queues: only a hidden test sees it",
        {"cached_answer": SHARED},
        loses={"cache"},
        says="each Cached has its own queues",
    ),
    Wrong(
        "the naive way: all that the stack hears is computed again",
        {"cached_answer": ALL_AGAIN},
        loses={"cheap"},
        says="the whole convolution",
    ),
]
