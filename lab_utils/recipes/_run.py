"""What the runs of every recipe share: the settings of a training, the folder that holds them, and the training itself.

A recipe makes a config class that extends :class:`Training` by what its network takes, and one :class:`Recipe`, which checks
settings, makes the run's folder, reads it back, and finds the checkpoints that ship. Then :func:`learn` builds, compiles, trains.

A ``config.json`` that lacks a field was written before there was one; each field's default is what was done until then.
"""

import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from lab_utils import progress
from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.storage import shipped_folder, write_json

KEPT_HARDWARE = ("precision", "xla")  # what a resumed training must share with its start; the number of devices may change


@dataclass(frozen=True)
class Training:
    """How a network is trained, whatever network it is.

    `batch` is of windows, `every` the epochs between two validations, `patience` after how many of them without a gain the
    training ends (0: never), `average` the momentum of the averaged weights (0: none), `clip` the longest gradient (None: any).
    The others are those of :func:`lab_utils.training.optimisers.make_optimizer`.
    """

    batch: int = 32
    epochs: int = 100
    optimizer: str = "adamw"
    schedule: str = "cosine"
    learning_rate: float = 2e-3
    warmup: float = 0.05
    weight_decay: float = 0.0
    momentum: float = 0.9
    clip: float | None = None
    average: float = 0.0
    every: int = 1
    patience: int = 0

    def __post_init__(self):
        for name, least in (("batch", 1), ("epochs", 1), ("every", 1), ("patience", 0)):
            check_whole(name, getattr(self, name), least)

    def make_optimizer(self, steps):
        """Return the optimiser of a training of `steps` batches."""
        from lab_utils.training.optimisers import make_optimizer

        return make_optimizer(self.optimizer, steps=steps, **self._of_the_optimiser())

    def check(self):
        """Raise what :meth:`make_optimizer` would, before anything is built or written."""
        from lab_utils.training.optimisers import check

        check(self.optimizer, **self._of_the_optimiser())

    def _of_the_optimiser(self):
        names = ("learning_rate", "schedule", "warmup", "weight_decay", "momentum", "clip", "average")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Recipe:
    """A recipe as its runs know it.

    Parameters
    ----------
    name : str
    config : type
        A frozen dataclass that extends :class:`Training`.
    sizes : dict
        Configs by the name of their size.
    shipped : tuple of str
        Names of the checkpoints that ship.
    """

    name: str
    config: type
    sizes: dict
    shipped: tuple = field(default=())

    def settle(self, size, *, epochs=None, settings=None, **own):
        """Return the config of `size` with `settings` and `epochs` in the place of its own, and what the recipe sets itself.

        Raises
        ------
        ParameterError
            If the size or a setting is not known, or one is out of its range.
        """
        if size not in self.sizes:
            raise ParameterError(f"size: expected one of {', '.join(self.sizes)}; received {size!r}.")
        known = [made.name for made in fields(self.config) if made.name not in own]
        for name in settings or {}:
            if name not in known:
                raise ParameterError(f"{name}: is no setting of {self.name}; expected one of {', '.join(known)}.")
        chosen = {**(settings or {}), **own, **({} if epochs is None else {"epochs": epochs})}
        return replace(self.sizes[size], **chosen)

    def create(self, config, *, size, data, seed, out=None, hardware=None):
        """Make the folder of a new run, ``runs/<recipe>-<data>-<size>-<time>`` if no other is given, and return the Run.

        Everything that can be checked is checked before.
        """
        from lab_utils.backend import keras
        from lab_utils.training.device import Hardware
        from lab_utils.training.run import Run

        hardware = hardware or Hardware()
        hardware.check(config.batch)
        config.check()
        out = out or Path("runs", f"{self.name}-{Path(data).stem}-{size}-{time.strftime('%Y%m%d-%H%M%S')}")
        kept = {name: getattr(hardware, name) for name in KEPT_HARDWARE}
        content = {
            "recipe": self.name, "size": size, "data": str(data), "seed": seed, "backend": keras.backend.backend(),
            "hardware": kept, "settings": asdict(config),
        }  # fmt: skip
        return Run.create(out, content, writes=hardware.writes)

    def folder(self, run):
        """Return the folder of `run`, a folder's or a shipped checkpoint's name."""
        return shipped_folder("checkpoints", run) if str(run) in self.shipped else Path(run)

    def open(self, run):
        """Return (Run, config) of a folder or of a shipped checkpoint's name.

        Raises
        ------
        DataError
            If there is no run, or one of another recipe.
        """
        from lab_utils.training.run import Run

        run = Run(self.folder(run))
        content = run.config
        if content.get("recipe") != self.name:
            raise DataError(f"{run.folder}: is a run of the recipe {content.get('recipe')!r}, not of {self.name!r}.")
        try:
            return run, self.config(**content["settings"])
        except (KeyError, TypeError, ParameterError) as error:
            raise DataError(f"{run.folder / 'config.json'}: does not hold this recipe's settings ({error}).") from error

    def load(self, run, build):
        """Return (model, config dict) of a trained run, the model made by ``build(config)`` and given the run's best weights."""
        from lab_utils.training.checkpoint import load_variables

        run, config = self.open(run)
        model = build(config)
        load_variables(model.trainable_variables, run.folder / "weights.npz")
        return model, run.config

    def reopen(self, run, *, epochs=None, hardware=None):
        """Return (Run, config, hardware) of a run to go on with, to `epochs` if they are given, which is written down.

        Raises
        ------
        ParameterError
            If `epochs` are fewer than the run was made for.
        """
        from lab_utils.training.device import Hardware

        run, config = self.open(run)
        hardware = replace(hardware or Hardware(), **run.config.get("hardware", {}))
        hardware.check(config.batch)
        run.writes = hardware.writes
        if epochs is not None:
            if epochs < config.epochs:
                raise ParameterError(f"epochs: expected at least the run's own {config.epochs}, received {epochs}.")
            config = replace(config, epochs=epochs)
            run.write(write_json, {**run.config, "settings": asdict(config)}, "config.json")
        return run, config, hardware


def learn(run, config, *, build, batches, validate, seed, hardware=None, compose=None, shown=True, **options):
    """Build, compile and train a network within `run`, from wherever the run stands, and return the run's folder.

    Parameters
    ----------
    run : Run
    config : Training
    build : callable
        ``build(config, seed=seed) -> model``, built and not compiled.
    batches : Windows
    validate : callable
        ``validate(model) -> float``.
    seed : int
    hardware : Hardware, optional
    compose : callable, optional
        ``compose(model) -> Score``, for the option `listen`.
    shown : bool
        Show a bar and say what is used.
    options
        ``on_epoch``, ``tensorboard``, ``listen`` and ``callbacks`` of :func:`lab_utils.training.run.fit`.

    Returns
    -------
    Path
    """
    from lab_utils.recipes._output import write_heard
    from lab_utils.training.device import prepared
    from lab_utils.training.run import fit

    def heard(model, epoch):
        if run.writes:  # composing asks nothing of the other processes
            write_heard(lambda: compose(model), run.folder / "listen", epoch)

    with prepared(hardware) as line:
        progress.tell(line, show=shown)
        model = build(config, seed=seed)
        xla = hardware.xla if hardware else "auto"
        model.compile(optimizer=config.make_optimizer(len(batches) * config.epochs), jit_compile=xla)
        fit(
            model, run, batches, epochs=config.epochs, every=config.every, patience=config.patience, validate=validate,
            progress=shown, hardware=hardware, compose=heard if compose else None, **options,
        )  # fmt: skip
    return run.folder
