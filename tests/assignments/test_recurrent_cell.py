"""The assignment `recurrent_cell`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "recurrent_cell"
POINTS = {"encode": 3, "decode": 3, "gru": 5, "unroll": 3, "probabilities": 3, "draw": 3}

ONE_HOLD_TOO_MANY = """
def encode(notes):
    tokens = []
    for pitch, length in notes:
        tokens += [1 if pitch is None else pitch - 26] + [0] * length
    return np.array(tokens, dtype=int)
"""
REPEATED_NOTES_MERGED = """
def encode(notes):
    line = np.repeat([1 if pitch is None else pitch - 26 for pitch, _ in notes], [length for _, length in notes]).astype(int)
    return np.where(np.diff(line, prepend=-1) == 0, 0, line)
"""
LAST_NOTE_LOST = """
def decode(tokens):
    notes, going = [], None
    for token in tokens:
        if token:
            if going:
                notes.append(tuple(going))
            going = [int(token) + 26 if token > 1 else None, 1]
        elif going:
            going[1] += 1
    return notes
"""
NOTHING_TO_HOLD = """
def decode(tokens):
    notes = []
    for token in tokens:
        if token:
            notes.append((int(token) + 26 if token > 1 else None, 1))
        elif notes:
            notes[-1] = notes[-1][0], notes[-1][1] + 1
    return notes
"""
CELL = """
def gru_step(x, h, W, U, b):
    sigmoid = lambda values: 1 / (1 + np.exp(-values))
    (x_z, x_r, x_n), (h_z, h_r, h_n) = np.split(x @ W + b[0], 3, axis=-1), np.split(h @ U + b[1], 3, axis=-1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    n = np.tanh(x_n + r * h_n)
    return z * h + (1 - z) * n
"""
GATES_SWAPPED = CELL.replace("(x_z, x_r, x_n), (h_z, h_r, h_n)", "(x_r, x_z, x_n), (h_r, h_z, h_n)")
KEEP_FOR_NEW = CELL.replace("z * h + (1 - z) * n", "(1 - z) * h + z * n")
RESET_BEFORE = CELL.replace("r * h_n", "np.split((r * h) @ U + b[1], 3, axis=-1)[2]")
ONE_MELODY_ONLY = CELL.replace(", axis=-1", "")
NO_STEP_BEFORE = """
def unroll(step, inputs, h):
    return np.stack([step(x, h) for x in inputs])
"""
START_COUNTED = """
def unroll(step, inputs, h):
    states = [h]
    for x in inputs:
        states.append(step(x, states[-1]))
    return np.stack(states)
"""
NO_COPY = """
def unroll(step, inputs, h):
    states = []
    for x in inputs:
        h = step(x, h)
        states.append(h)
    return np.stack(states)
"""
MULTIPLIED = """
def probabilities(logits, temperature):
    powers = np.exp(logits * temperature)
    return powers / powers.sum(axis=-1, keepdims=True)
"""
OVERFLOWING = """
def probabilities(logits, temperature):
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)
"""
ONE_ROW_ONLY = """
def probabilities(logits, temperature):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()
"""
THE_LIKELIEST = """
def draw(p, u):
    return int(np.argmax(p))
"""
OWN_CHANCE = """
def draw(p, u):
    return int(np.random.default_rng(0).choice(len(p), p=p / np.sum(p)))
"""
NOT_QUITE_GREATER = """
def draw(p, u):
    return int(np.argmax(np.cumsum(p) >= u))
"""
BEYOND_THE_END = """
def draw(p, u):
    return int(np.searchsorted(np.cumsum(p), u, side="right"))
"""
PRINTED = """
def draw(p, u):
    print(np.searchsorted(np.cumsum(p), u, side="right"))
"""

WRONG = [
    Wrong(
        "a hold too many, the last note lost, the start counted in, its own chance in place of u",
        {
            "encode_answer": ONE_HOLD_TOO_MANY,
            "decode_answer": LAST_NOTE_LOST,
            "unroll_answer": START_COUNTED,
            "draw_answer": OWN_CHANCE,
        },
        {"encode", "decode", "unroll", "draw"},
        "a right answer has 7, one a sixteenth",
    ),
    Wrong(
        "repeated notes merged, holds at the start dropped, and rounding leads beyond the last token",
        {"encode_answer": REPEATED_NOTES_MERGED, "decode_answer": NOTHING_TO_HOLD, "draw_answer": BEYOND_THE_END},
        {"encode", "decode", "draw"},
        "holds at the start are one rest",
    ),
    Wrong(
        "z and r swapped, and a token of probability 0 can be drawn",
        {"gru_answer": GATES_SWAPPED, "draw_answer": NOT_QUITE_GREATER},
        {"gru", "draw"},
        "z says how much is kept",
    ),
    Wrong(
        "reset before the product, states that are one array, a softmax that overflows",
        {"gru_answer": RESET_BEFORE, "unroll_answer": NO_COPY, "probabilities_answer": OVERFLOWING},
        {"gru", "unroll", "probabilities"},
        "r multiplies the product with U_n *and* its bias c_n",
    ),
    Wrong(
        "z keeps what it should renew, times for divided by, always the likeliest",
        {"gru_answer": KEEP_FOR_NEW, "probabilities_answer": MULTIPLIED, "draw_answer": THE_LIKELIEST},
        {"gru", "probabilities", "draw"},
        "Below 1 the likely becomes likelier",
    ),
    Wrong(
        "made for one melody, every step from the start, printed instead of returned",
        {
            "gru_answer": ONE_MELODY_ONLY,
            "unroll_answer": NO_STEP_BEFORE,
            "probabilities_answer": ONE_ROW_ONLY,
            "draw_answer": PRINTED,
        },
        {"gru", "unroll", "probabilities", "draw"},
        "Each step goes on from the state that the step before has left",
    ),
]
