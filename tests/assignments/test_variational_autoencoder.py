"""The assignment `variational_autoencoder`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "variational_autoencoder"
POINTS = {"draw": 3, "gradient": 3, "kl": 3, "penalty": 3, "bound": 4, "slerp": 4, "active": 2}

DRAW = """
def draw(mean, log_variance, noise):
    return {answer}
"""
GRADIENT = """
def draw_gradient(slope, log_variance, noise):
    return {answer}
"""
KL = """
def kl(mean, log_variance):
    return {answer}
"""
PENALTY = """
def penalty(prices, *, beta=1.0, free_bits=0.0):
    return {answer}
"""
BOUND = """
def bound(phrases, decoded, prices, *, spread):
    logs = -0.5 * ((phrases - decoded) / spread) ** 2 - np.log(spread) - 0.5 * np.log(2 * np.pi)
    return {answer}
"""
BOUND_WITHOUT_WIDTH = """
def bound(phrases, decoded, prices, *, spread):
    logs = -0.5 * ((phrases - decoded) / spread) ** 2 - 0.5 * np.log(2 * np.pi)
    return logs.sum(axis=-1).mean(axis=0) - prices.sum(axis=-1)
"""
SLERP = """
def slerp(one, other, shares):
    a, b, share = np.linalg.norm(one), np.linalg.norm(other), np.asarray(shares)[:, None]
    angle = np.arccos(np.clip(one @ other / a / b, -1, 1))
    return {answer}
"""
STRAIGHT = """
def slerp(one, other, shares):
    return one + np.asarray(shares)[:, None] * (other - one)
"""
STRAIGHT_MADE_LONGER = """
def slerp(one, other, shares):
    share = np.asarray(shares)[:, None]
    line = one + share * (other - one)
    lengths = (1 - share) * np.linalg.norm(one) + share * np.linalg.norm(other)
    return line / np.linalg.norm(line, axis=1, keepdims=True) * lengths
"""
ACTIVE = """
def count_active(means, *, least=0.01):
    {answer}
"""
WRONG = [
    Wrong(
        "the log variance is taken for the width",
        {"draw_answer": DRAW.format(answer="mean + np.exp(log_variance) * noise")},
        {"draw"},
        "what the noise is multiplied by is σ",
    ),
    Wrong(
        "draws noise of its own",
        {
            "draw_answer": DRAW.format(
                answer="mean + np.exp(0.5 * log_variance) * np.random.normal(size=noise.shape) * (noise != 0)"
            )
        },
        {"draw"},
    ),
    Wrong(
        "hands out the mean, as when rebuilding",
        {"draw_answer": DRAW.format(answer="mean + 0 * noise")},
        {"draw"},
        "A log variance of 0 is a variance of 1",
    ),
    Wrong(
        "the half is lost in the derivative",
        {"gradient_answer": GRADIENT.format(answer="slope, slope * np.exp(0.5 * log_variance) * noise")},
        {"gradient"},
        "half as much",
    ),
    Wrong(
        "the gradient by σ, not by ln σ²",
        {"gradient_answer": GRADIENT.format(answer="slope, slope * noise")},
        {"gradient"},
        "half as much",
    ),
    Wrong(
        "the gradient of the mean alone",
        {"gradient_answer": GRADIENT.format(answer="slope")},
        {"gradient"},
        "two arrays are asked for",
    ),
    Wrong(
        "the price is added up too early",
        {"kl_answer": KL.format(answer="0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=-1)")},
        {"kl"},
        "has the shape (2,)",
    ),
    Wrong(
        "the square of the mean is forgotten",
        {"kl_answer": KL.format(answer="0.5 * (mean + np.exp(log_variance) - 1 - log_variance)")},
        {"kl"},
        "on either side",
    ),
    Wrong(
        "the log variance is taken for the width in the price",
        {"kl_answer": KL.format(answer="0.5 * (mean**2 + np.exp(2 * log_variance) - 1 - 2 * log_variance)")},
        {"kl"},
        "not σ",
    ),
    Wrong(
        "the logarithm of an exponential",
        {"kl_answer": KL.format(answer="0.5 * (mean**2 + np.exp(log_variance) - 1 - np.log(np.exp(log_variance)))")},
        {"kl"},
        "You have ln σ² already",
    ),
    Wrong(
        "free bits of each phrase",
        {"penalty_answer": PENALTY.format(answer="beta * np.maximum(prices, free_bits * np.log(2)).mean(axis=0).sum()")},
        {"penalty"},
        "take the mean first",
    ),
    Wrong(
        "bits are taken for nats",
        {"penalty_answer": PENALTY.format(answer="beta * np.maximum(prices.mean(axis=0), free_bits).sum()")},
        {"penalty"},
        "told in nats",
    ),
    Wrong(
        "free bits are given back",
        {"penalty_answer": PENALTY.format(answer="beta * np.maximum(prices.mean(axis=0) - free_bits * np.log(2), 0).sum()")},
        {"penalty"},
        "paid in full",
    ),
    Wrong(
        "a sum over the batch",
        {"penalty_answer": PENALTY.format(answer="beta * np.maximum(prices.sum(axis=0), free_bits * np.log(2)).sum()")},
        {"penalty"},
        "mean of each column",
    ),
    Wrong(
        "a mean over the phrase's numbers",
        {"bound_answer": BOUND.format(answer="logs.mean(axis=(0, 2)) - prices.sum(axis=-1)")},
        {"bound"},
        "each number of the phrase".capitalize(),
    ),
    Wrong(
        "the price has the wrong sign",
        {"bound_answer": BOUND.format(answer="logs.sum(axis=-1).mean(axis=0) + prices.sum(axis=-1)")},
        {"bound"},
        "taken away",
    ),
    Wrong("the width of the decoder costs nothing", {"bound_answer": BOUND_WITHOUT_WIDTH}, {"bound"}, "a narrow spread counts"),
    Wrong(
        "a sum over the draws",
        {"bound_answer": BOUND.format(answer="logs.sum(axis=(0, 2)) - prices.sum(axis=-1)")},
        {"bound"},
        "a mean over the draws",
    ),
    Wrong("the straight line", {"slerp_answer": STRAIGHT}, {"slerp"}, "as long as the ends"),
    Wrong("the straight line, made longer", {"slerp_answer": STRAIGHT_MADE_LONGER}, {"slerp"}, "30 degrees"),
    Wrong(
        "nought divided by nought where the codes agree",
        {
            "slerp_answer": SLERP.format(
                answer="(np.sin((1 - share) * angle) * one / a + np.sin(share * angle) * other / b) / np.sin(angle) "
                "* ((1 - share) * a + share * b)"
            )
        },
        {"slerp"},
        "the direction stays",
    ),
    Wrong(
        "the codes are not made directions first",
        {
            "slerp_answer": SLERP.format(
                answer="(np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle)"
            )
        },
        {"slerp"},
        "Half-way the length is 4",
    ),
    Wrong(
        "counts what is not nought",
        {"active_answer": ACTIVE.format(answer="return int((np.abs(means).mean(axis=0) > least).sum())")},
        {"active"},
        "how each column varies",
    ),
    Wrong(
        "the standard deviation in place of the variance",
        {"active_answer": ACTIVE.format(answer="return int((means.std(axis=0) > least).sum())")},
        {"active"},
        "above 0.01",
    ),
    Wrong(
        "prints how many are active",
        {"active_answer": ACTIVE.format(answer="print((means.var(axis=0) > least).sum())")},
        {"active"},
        "print shows a value",
    ),
]
