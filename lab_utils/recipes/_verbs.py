"""The verbs ``train`` and ``resume``, which every recipe has: what they check, and in which order things are made.

A recipe tells how its settings are found, what is read, and what is done with both; from these :func:`training_verbs` makes the
two functions. All that may be refused (size, settings, data) is refused before a folder is made.
"""

from lab_utils.errors import ParameterError


def training_verbs(recipe, *, data, material, fit, settle=None, composes=True):
    """Return the functions (train, resume) of a recipe.

    Parameters
    ----------
    recipe : lab_utils.recipes._run.Recipe
    data : str
        The data set that is taken if no other is named.
    material : callable
        ``material(config, *, data, seed, progress) -> (config, material)``: what is read for a training, and the settings, in
        which the data may decide one.
    fit : callable
        ``fit(run, config, material, **options) -> folder``; the options are those of :func:`lab_utils.recipes._run.learn`.
    settle : callable, optional
        ``settle(size, *, data, epochs, settings) -> config``; by default that of the recipe.
    composes : bool
        Whether there is anything to `listen` to.
    """

    def train(
        *, size="lab", data=data, out=None, seed=0, epochs=None, progress=True, on_epoch=None, hardware=None, tensorboard=False,
        listen=0, **settings,
    ):  # fmt: skip
        """Train a network and return the folder of its run.

        Parameters
        ----------
        size : str
            "tiny" (seconds, for tests), "lab" (a minute or a few on two cores) or "full" (a shipped checkpoint's).
        data : str
            As in this recipe's `prepare`.
        out : str or Path, optional
            Folder of the run; by default ``runs/<recipe>-<data>-<size>-<time>``.
        seed : int
            Of the weights, the order of the examples and the dropout.
        epochs : int, optional
            In place of the size's own number.
        progress : bool
        on_epoch : callable, optional
            ``on_epoch(epoch, row)`` after each epoch; `row` holds what stands in ``history.csv``.
        hardware : lab_utils.training.device.Hardware, optional
            By default one device, in 32 bits.
        tensorboard : bool
            Write the history for TensorBoard too.
        listen : int
            Compose a short piece every so many epochs, into the run's folder ``listen``; 0: never.
        settings
            In place of the size's own: any field of the recipe's `Config`; where a recipe has variants, `variant` too.

        Returns
        -------
        Path

        Raises
        ------
        LabError
            If a setting is not known or out of its range, if the data cannot be had, or if the loss is no number any more.
        """
        _check(listen)
        config = settled(size, data=data, epochs=epochs, settings=settings)
        config, read = material(config, data=data, seed=seed, progress=progress)
        run = recipe.create(config, size=size, data=data, seed=seed, out=out, hardware=hardware)
        return _go(run, config, read, progress, listen, hardware=hardware, on_epoch=on_epoch, tensorboard=tensorboard)

    def resume(run, *, epochs=None, progress=True, on_epoch=None, hardware=None, tensorboard=False, listen=0):
        """Go on with the training in the folder `run` and return that folder.

        Parameters
        ----------
        run : str or Path
        epochs : int, optional
            Train to this many epochs in place of what the run was made for, at least as many. The learning rate then follows the
            longer schedule from where it stands, so that it rises once more (a warm restart; Loshchilov & Hutter, 2017).
        progress, on_epoch, hardware, tensorboard, listen
            As in `train`; precision and XLA stay those of the run.

        Returns
        -------
        Path
        """
        _check(listen)
        run, config, hardware = recipe.reopen(run, epochs=epochs, hardware=hardware)
        content = run.config
        config, read = material(config, data=content["data"], seed=content["seed"], progress=progress)
        return _go(run, config, read, progress, listen, hardware=hardware, on_epoch=on_epoch, tensorboard=tensorboard)

    def _go(run, config, read, progress, listen, **options):
        return fit(run, config, read, shown=progress, **({"listen": listen} if composes else {}), **options)

    def _check(listen):
        if listen and not composes:
            raise ParameterError(f"listen: {recipe.name} composes nothing to listen to; leave it out.")

    settled = settle or (lambda size, *, data, **chosen: recipe.settle(size, **chosen))
    for verb in (train, resume):
        verb.__module__, verb.__qualname__ = fit.__module__, verb.__name__
    return train, resume
