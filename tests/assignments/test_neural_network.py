"""The assignment `neural_network`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "neural_network"
POINTS = {"forward": 4, "softmax": 3, "loss": 4, "backward": 5, "numeric": 3, "guilty": 2}

BENT_TO_THE_END = """
def forward(x, layers):
    values = [x]
    for W, b in layers:
        values.append(np.maximum(0, values[-1] @ W + b))
    return values
"""
NO_BIAS = """
def forward(x, layers):
    values = [x]
    for W, b in layers[:-1]:
        values.append(np.maximum(0, values[-1] @ W))
    return [*values, values[-1] @ layers[-1][0]]
"""
OVERFLOWING = """
def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
"""
SUMMED_OVER_ALL = """
def softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()
"""
PRINTED = """
def softmax(z):
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    print(powers / powers.sum(axis=-1, keepdims=True))
"""
SUMMED = """
def loss_and_blame(p, y):
    rows = np.arange(len(y))
    return -np.log(np.maximum(p[rows, y], 1e-12)).sum(), p - np.eye(p.shape[1])[y]
"""
IN_PLACE = """
def loss_and_blame(p, y):
    rows = np.arange(len(y))
    loss = -np.log(np.maximum(p[rows, y], 1e-12)).mean()
    p[rows, y] -= 1
    p /= len(y)
    return loss, p
"""
LOG_OF_ZERO = """
def loss_and_blame(p, y):
    return -np.log(p[np.arange(len(y)), y]).mean(), (p - np.eye(p.shape[1])[y]) / len(y)
"""
NO_MASK = """
def backward(values, layers, blame):
    found = []
    for (W, _), h in zip(reversed(layers), reversed(values[:-1])):
        found.insert(0, (h.T @ blame, blame.sum(axis=0)))
        blame = blame @ W.T
    return found
"""
BACK_TO_FRONT = """
def backward(values, layers, blame):
    found = []
    for (W, _), h in zip(reversed(layers), reversed(values[:-1])):
        found.append((h.T @ blame, blame.sum(axis=0)))
        blame = (blame @ W.T) * (h > 0)
    return found
"""
DIVIDED_TWICE = """
def backward(values, layers, blame):
    found = []
    for (W, _), h in zip(reversed(layers), reversed(values[:-1])):
        found.insert(0, (h.T @ blame / len(h), blame.mean(axis=0)))
        blame = (blame @ W.T) * (h > 0)
    return found
"""
ONE_WAY = """
def numeric_gradient(f, w, epsilon=1e-5):
    found = np.zeros_like(w)
    for place in np.ndindex(w.shape):
        up = w.copy()
        up[place] += epsilon
        found[place] = (f(up) - f(w)) / epsilon
    return found
"""
ROWS_ONLY = """
def numeric_gradient(f, w, epsilon=1e-5):
    found = np.zeros_like(w)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += epsilon
        down[i] -= epsilon
        found[i] = (f(up) - f(down)) / (2 * epsilon)
    return found
"""
NOT_PUT_BACK = """
def numeric_gradient(f, w, epsilon=1e-5):
    found = np.zeros_like(w)
    for place in np.ndindex(w.shape):
        w[place] += epsilon
        up = f(w)
        w[place] -= 2 * epsilon
        found[place] = (up - f(w)) / (2 * epsilon)
        w[place] += epsilon
    return found
"""
BY_HAND = 'guilty = ["{}"]'.format

WRONG = [
    Wrong("the last layer bends too", {"forward_answer": BENT_TO_THE_END}, {"forward"}, "The last layer does not bend"),
    Wrong(
        "no bias, sums over all bars, and a mask forgotten",
        {"forward_answer": NO_BIAS, "softmax_answer": SUMMED_OVER_ALL, "backward_answer": NO_MASK},
        {"forward", "softmax", "backward"},
        "A neuron that did not fire passes no blame down",
    ),
    Wrong("the exponential overflows", {"softmax_answer": OVERFLOWING}, {"softmax"}, "values that are not finite"),
    Wrong("printed instead of returned", {"softmax_answer": PRINTED}, {"softmax"}, "returned None"),
    Wrong(
        "sum for mean, gradients in the order they were found",
        {"loss_answer": SUMMED, "backward_answer": BACK_TO_FRONT},
        {"loss", "backward"},
        "in the order of `layers`",
    ),
    Wrong(
        "the probabilities are changed in place, and w is given back with a rounding error",
        {"loss_answer": IN_PLACE, "numeric_answer": NOT_PUT_BACK},
        {"loss", "numeric"},
        "the caller still needs the probabilities",
    ),
    Wrong(
        "the logarithm of 0, a division too many, turned one way only",
        {"loss_answer": LOG_OF_ZERO, "backward_answer": DIVIDED_TWICE, "numeric_answer": ONE_WAY},
        {"loss", "backward", "numeric"},
        "a right answer is a finite number",
    ),
    Wrong(
        "a gradient for rows only; rounding taken for a mistake",
        {"numeric_answer": ROWS_ONLY, "guilty_answer": BY_HAND('ben", "cora", "dan')},
        {"numeric", "guilty"},
        "that is rounding",
    ),
    Wrong("a colleague let go", {"guilty_answer": BY_HAND("cora")}, {"guilty"}, "small weights hide it"),
]
