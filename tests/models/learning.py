"""A network made to learn one batch by heart, for the tests of all of them: does the loss fall, and does every weight move?"""

import numpy as np

from lab_utils.backend import keras


def values(variables):
    return [np.copy(keras.ops.convert_to_numpy(variable)) for variable in variables]


def ready(model, optimizer, **options):
    """Compile `model` with an optimiser that has all its variables; else TensorFlow traces the first step a second time."""
    model.compile(optimizer, **options)
    optimizer.build(model.trainable_variables)
    return model


def learn_one_batch(model, x, y, *, steps=40):
    """Train for some steps on one batch; return the losses, and the weights (their paths) that did not move."""
    before = values(model.trainable_variables)
    ready(model, keras.optimizers.Adam(0.02))
    losses = [float(model.train_on_batch(x, y, return_dict=True)["loss"]) for _ in range(steps)]
    return losses, still(model, before)


def still(model, before):
    """Return the paths of the trainable weights whose values are those of `before`."""
    return [
        variable.path
        for variable, old, new in zip(model.trainable_variables, before, values(model.trainable_variables), strict=True)
        if np.array_equal(old, new)
    ]
