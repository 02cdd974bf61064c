"""Optimisers and learning-rate schedules by name, so that a recipe's config, a notebook and the command line mean the same ones.

==============  ==================================================================================================
``adam``        moments of the gradient, corrected for their start at zero (Kingma & Ba, 2015)
``adamw``       the same, with weights that decay apart from the gradient (Loshchilov & Hutter, 2019)
``rmsprop``     each gradient divided by the root of its mean square (Tieleman & Hinton, 2012), discount 0.9
``sgd``         gradient descent with Nesterov's momentum (Sutskever et al., 2013)
``constant``    one learning rate from the first step to the last
``cosine``      a linear warm-up from a 20th, then half a cosine down to a 100th (Loshchilov & Hutter, 2017)
``one_cycle``   half a cosine up from a 25th in 30 % of the steps, then down to a 10,000th (Smith & Topin, 2019)
==============  ==================================================================================================

Left out: Smith & Topin let the momentum fall while the rate rises; Keras keeps a momentum fixed. The notebook ``06_training``
sets them side by side.
"""

import math

from lab_utils.backend import keras
from lab_utils.errors import ParameterError

ops, schedules = keras.ops, keras.optimizers.schedules

OPTIMISERS = ("adam", "adamw", "rmsprop", "sgd")
SCHEDULES = ("constant", "cosine", "one_cycle")
LONGEST_WARM_UP = 500  # steps; more is waste, however long the training


def make_optimizer(
    name="adamw", *, steps, learning_rate=2e-3, schedule="cosine", warmup=0.05, weight_decay=0.0, momentum=0.9, clip=None,
    average=0.0,
):  # fmt: skip
    """Return a new Keras optimiser with its schedule.

    Parameters
    ----------
    name : str
        "adam", "adamw", "rmsprop" or "sgd".
    steps : int
        Batches of the whole training, over which the schedule runs.
    learning_rate : float
        The highest that the schedule reaches.
    schedule : str
        "constant", "cosine" or "one_cycle".
    warmup : float
        Share of the steps in which "cosine" rises, at most 500 steps of them; the other two have none to set.
    weight_decay : float
        Share of a weight lost each step, times the learning rate; of "adamw" alone.
    momentum : float
        Of "sgd" alone.
    clip : float, optional
        Gradients whose norm, over all weights, is longer are shortened to it (Pascanu et al., 2013).
    average : float
        Momentum of the moving average of the weights (Polyak & Juditsky, 1992); 0 for none.

    Returns
    -------
    keras.optimizers.Optimizer

    Raises
    ------
    ParameterError
        If a name is not known or a number out of its range.
    """
    check(name, learning_rate=learning_rate, schedule=schedule, warmup=warmup, weight_decay=weight_decay,
          momentum=momentum, clip=clip, average=average)  # fmt: skip
    rate = make_schedule(schedule, steps=steps, learning_rate=learning_rate, warmup=warmup)
    common = {"global_clipnorm": clip, "use_ema": average > 0, "ema_momentum": average}
    if name == "adam":
        return keras.optimizers.Adam(rate, **common)
    if name == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=weight_decay, **common)
    if name == "rmsprop":
        return keras.optimizers.RMSprop(rate, rho=0.9, **common)
    return keras.optimizers.SGD(rate, momentum=momentum, nesterov=momentum > 0, **common)


def check(name, *, learning_rate, schedule, warmup, weight_decay, momentum, clip, average):
    """Raise the ParameterError that :func:`make_optimizer` would, and make nothing."""
    _check_name("optimizer", name, OPTIMISERS)
    _check_name("schedule", schedule, SCHEDULES)
    for what, value, low, high in (("warmup", warmup, 0, 1), ("momentum", momentum, 0, 1), ("average", average, 0, 1)):
        if not low <= value < high:
            raise ParameterError(f"{what}: expected a number from {low} to under {high}, received {value}.")
    if clip is not None and not clip > 0:
        raise ParameterError(f"clip: expected a length over 0, or None for no clipping; received {clip}.")
    if weight_decay < 0:
        raise ParameterError(f"weight_decay: expected 0 or more, received {weight_decay}.")
    if not learning_rate > 0:
        raise ParameterError(f"learning_rate: expected a number over 0, received {learning_rate}.")


def make_schedule(name, *, steps, learning_rate, warmup=0.05):
    """Return the learning rate as a function of the step, or the plain number where it stays the same.

    Parameters
    ----------
    name, steps, learning_rate, warmup
        As in :func:`make_optimizer`.

    Returns
    -------
    float or keras.optimizers.schedules.LearningRateSchedule
    """
    _check_name("schedule", name, SCHEDULES)
    if not learning_rate > 0:
        raise ParameterError(f"learning_rate: expected a number over 0, received {learning_rate}.")
    if steps < 1:
        raise ParameterError(f"steps: expected at least 1, received {steps}.")
    if name == "constant":
        return float(learning_rate)
    if name == "one_cycle":
        return OneCycle(learning_rate, steps)
    warm = max(1, min(int(steps * warmup + 1e-9), LONGEST_WARM_UP))  # 0.05 is a little under a 20th
    return schedules.CosineDecay(
        learning_rate / 20, max(1, steps - warm), alpha=0.01, warmup_target=learning_rate, warmup_steps=warm
    )


@keras.saving.register_keras_serializable("lab_utils")
class OneCycle(schedules.LearningRateSchedule):
    """The one-cycle policy: up, then further down than it came from.

    Parameters
    ----------
    learning_rate : float
        At the top.
    steps : int
        Batches of the whole cycle; after them the rate stays at its end.
    rise : float
        Share of the steps that go up.
    start, end : float
        Where it comes from and goes to, as shares of the top.
    """

    def __init__(self, learning_rate, steps, *, rise=0.3, start=1 / 25, end=1e-4):
        self.settings = {"learning_rate": learning_rate, "steps": steps, "rise": rise, "start": start, "end": end}

    def __call__(self, step):
        """Return the learning rate at batch `step`, counted from 0."""
        top, steps, rise, start, end = self.settings.values()
        up = max(1.0, rise * steps)
        step = ops.cast(step, "float32")
        rising = ops.minimum(step / up, 1.0)
        falling = ops.clip((step - up) / max(1.0, steps - up), 0.0, 1.0)
        climb = start + (1 - start) * (1 - ops.cos(math.pi * rising)) / 2
        fall = end + (1 - end) * (1 + ops.cos(math.pi * falling)) / 2
        return top * ops.where(step < up, climb, fall)

    def get_config(self):
        """Return what :meth:`from_config` makes it from."""
        return dict(self.settings)


def _check_name(what, name, known):
    if name not in known:
        raise ParameterError(f"{what}: expected one of {', '.join(known)}; received {name!r}.")
