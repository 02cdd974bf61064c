"""The assignment `training`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "training"
POINTS = {"token_nll": 3, "masked_mean": 3, "loss_gradient": 4, "momentum": 3, "adam_steps": 3, "adam_memory": 2, "early_stop": 4}

SOFTMAX_AS_WRITTEN = """
def token_nll(logits, tokens):
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(chances, tokens[..., None], axis=-1)[..., 0])
"""
ONE_TUNE_ONLY = """
def token_nll(logits, tokens):
    logits = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1))
    return log_sum - logits[np.arange(len(tokens)), tokens]
"""
LOGARITHM_OF_PROBABILITY = """
def token_nll(logits, tokens):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.take_along_axis(shifted, tokens[..., None], axis=-1)[..., 0] - np.log(np.exp(shifted).sum(axis=-1))
"""
PRINTS_THE_COST = """
def token_nll(logits, tokens):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    print(np.log(np.exp(shifted).sum(axis=-1)) - np.take_along_axis(shifted, tokens[..., None], axis=-1)[..., 0])
"""
MEAN_OF_ALL_PLACES = """
def masked_mean(nats, lengths):
    counted = np.arange(nats.shape[1]) < lengths[:, None]
    return np.where(counted, nats, 0).mean()
"""
MEAN_OF_MEANS = """
def masked_mean(nats, lengths):
    return np.mean([row[:length].mean() for row, length in zip(nats, lengths) if length])
"""
MULTIPLIED_AWAY = """
def masked_mean(nats, lengths):
    mask = (np.arange(nats.shape[1]) < lengths[:, None]).astype(float)
    return (nats * mask).sum() / mask.sum()
"""
WHAT_IS_NOT_ZERO = """
def masked_mean(nats, lengths):
    return nats[nats != 0].mean()
"""
GRADIENT = """
def loss_gradient(logits, tokens, lengths):
    counted = np.arange(tokens.shape[1]) < lengths[:, None]
    filled = np.where(counted[..., None], logits, 0)
    chances = np.exp(filled - filled.max(axis=-1, keepdims=True))
    chances /= chances.sum(axis=-1, keepdims=True)
    truth = tokens[..., None] == np.arange(logits.shape[-1])
    {last}
"""
MOMENTUM = """
def momentum_step(weights, gradient, velocity, *, rate, momentum=0.9):
    {body}
    return weights, velocity
"""
ADAM = """
def adam_step(weights, gradient, memory, *, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    t = memory.get("t", 0) + 1
    m = beta_1 * memory.get("m", 0) + (1 - beta_1) * gradient
    s = beta_2 * memory.get("s", 0) + (1 - beta_2) * gradient**2
    {last}
"""
ADAM_KEEPS_ITS_DICT = """
def adam_step(weights, gradient, memory, *, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    memory["t"] = memory.get("t", 0) + 1
    memory["m"] = beta_1 * memory.get("m", 0) + (1 - beta_1) * gradient
    memory["s"] = beta_2 * memory.get("s", 0) + (1 - beta_2) * gradient**2
    m, s = memory["m"] / (1 - beta_1 ** memory["t"]), memory["s"] / (1 - beta_2 ** memory["t"])
    return weights - rate * m / (np.sqrt(s) + epsilon), memory
"""
ADAM_COUNTS_NO_STEPS = """
def adam_step(weights, gradient, memory, *, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * memory.get("m", 0) + (1 - beta_1) * gradient
    s = beta_2 * memory.get("s", 0) + (1 - beta_2) * gradient**2
    step = (m / (1 - beta_1)) / (np.sqrt(s / (1 - beta_2)) + epsilon)
    return weights - rate * step, {"m": m, "s": s}
"""
BEST_OF_ALL = """
def early_stop(valid, patience):
    best = int(np.nanargmin(valid)) + 1
    return min(best + patience, len(valid)), best
"""
WORSE_THAN_BEFORE = """
def early_stop(valid, patience):
    waited = 0
    for epoch in range(1, len(valid)):
        waited = waited + 1 if valid[epoch] >= valid[epoch - 1] else 0
        if waited == patience:
            return epoch + 1, int(np.argmin(valid[: epoch + 1])) + 1
    return len(valid), int(np.argmin(valid)) + 1
"""
COUNTS_FROM_NOUGHT = """
def early_stop(valid, patience):
    best = 0
    for epoch, value in enumerate(valid):
        if value < valid[best]:
            best = epoch
        if epoch - best == patience:
            return epoch, best
    return len(valid) - 1, best
"""
COUNTS_NAN = """
def early_stop(valid, patience):
    best = 0
    for epoch, value in enumerate(valid):
        if value < valid[best]:
            best = epoch
        if epoch - best == patience:
            return epoch + 1, best + 1
    return len(valid), best + 1
"""
WRONG = [
    Wrong(
        "the softmax as it stands in the formula overflows",
        {"token_nll_answer": SOFTMAX_AS_WRITTEN},
        {"token_nll"},
        "largest logit",
    ),
    Wrong("works for one tune and for no batch", {"token_nll_answer": ONE_TUNE_ONLY}, {"token_nll"}),
    Wrong(
        "the sign of the cost is lost",
        {"token_nll_answer": LOGARITHM_OF_PROBABILITY},
        {"token_nll"},
        "where a right answer gives 1.38629",
    ),
    Wrong("prints the cost and returns nothing", {"token_nll_answer": PRINTS_THE_COST}, {"token_nll"}, "print shows a value"),
    Wrong("padding divides along", {"masked_mean_answer": MEAN_OF_ALL_PLACES}, {"masked_mean"}, "Four steps count here"),
    Wrong("a mean of the pieces' means", {"masked_mean_answer": MEAN_OF_MEANS}, {"masked_mean"}, "weighs the same"),
    Wrong("nan times nought", {"masked_mean_answer": MULTIPLIED_AWAY}, {"masked_mean"}, "0 * nan is nan"),
    Wrong("takes zeros for padding", {"masked_mean_answer": WHAT_IS_NOT_ZERO}, {"masked_mean"}, "All six steps count"),
    Wrong(
        "the gradient is divided by all places",
        {"loss_gradient_answer": GRADIENT.format(last="return np.where(counted[..., None], chances - truth, 0) / tokens.size")},
        {"loss_gradient"},
        "Seven of the twelve places count",
    ),
    Wrong(
        "the gradient goes on in the padding",
        {"loss_gradient_answer": GRADIENT.format(last="return (chances - truth) / counted.sum()")},
        {"loss_gradient"},
        "in the padding",
    ),
    Wrong(
        "a sum in place of the mean",
        {"loss_gradient_answer": GRADIENT.format(last="return np.where(counted[..., None], chances - truth, 0)")},
        {"loss_gradient"},
        "two steps count",
    ),
    Wrong(
        "truth less guess",
        {"loss_gradient_answer": GRADIENT.format(last="return np.where(counted[..., None], truth - chances, 0) / counted.sum()")},
        {"loss_gradient"},
        "makes the loss fall",
    ),
    Wrong(
        "the ball looks ahead, as in notebook 06",
        {
            "momentum_answer": MOMENTUM.format(
                body="velocity = momentum * velocity - rate * gradient; weights = weights + momentum * velocity - rate * gradient"
            )
        },
        {"momentum"},
        "at rest",
    ),
    Wrong(
        "the weights are changed in place",
        {"momentum_answer": MOMENTUM.format(body="velocity = momentum * velocity - rate * gradient; weights += velocity")},
        {"momentum"},
        "has changed the weights",
    ),
    Wrong(
        "the momentum is always 0.9",
        {"momentum_answer": MOMENTUM.format(body="velocity = 0.9 * velocity - rate * gradient; weights = weights + velocity")},
        {"momentum"},
        "the one that was given",
    ),
    Wrong(
        "no bias correction",
        {"adam_answer": ADAM.format(last="return weights - rate * m / (np.sqrt(s) + epsilon), {'t': t, 'm': m, 's': s}")},
        {"adam_steps"},
        "corrected averages",
    ),
    Wrong(
        "the correction of the first step, always", {"adam_answer": ADAM_COUNTS_NO_STEPS}, {"adam_steps"}, "number of this step"
    ),
    Wrong(
        "nought divided by nought",
        {
            "adam_answer": ADAM.format(
                last="return weights - rate * m / (1 - beta_1**t) / np.sqrt(s / (1 - beta_2**t)), {'t': t, 'm': m, 's': s}"
            )
        },
        {"adam_memory"},
        "0 / 0 is nan",
    ),
    Wrong("the memory that came in is changed", {"adam_answer": ADAM_KEEPS_ITS_DICT}, {"adam_memory"}, "memory that came in"),
    Wrong("looks at what comes after the stop", {"early_stop_answer": BEST_OF_ALL}, {"early_stop"}, "nobody ever sees"),
    Wrong("compares with the epoch before", {"early_stop_answer": WORSE_THAN_BEFORE}, {"early_stop"}),
    Wrong("epochs are counted from nought", {"early_stop_answer": COUNTS_FROM_NOUGHT}, {"early_stop"}, "count from 1"),
    Wrong("an epoch without a validation disappoints", {"early_stop_answer": COUNTS_NAN}, {"early_stop"}, "nan is passed over"),
]
