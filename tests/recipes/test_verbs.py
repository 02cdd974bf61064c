from dataclasses import dataclass

import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes._run import Recipe, Training
from lab_utils.recipes._verbs import training_verbs


@dataclass(frozen=True)
class Config(Training):
    width: int = 4


RECIPE = Recipe("toy", Config, {"lab": Config(), "tiny": Config(epochs=1)})


def made(seen, **options):
    """The verbs of a recipe that trains nothing, but notes down in `seen` what it was asked."""

    def material(config, *, data, seed, progress):
        seen.append(("material", data, seed, progress))
        return config, [data]

    def fit(run, config, read, **chosen):
        seen.append(("fit", config.width, config.epochs, read, chosen))
        return run.folder

    return training_verbs(RECIPE, data="notes", material=material, fit=fit, **options)


def test_a_training_reads_then_makes_its_folder_then_fits(tmp_path):
    seen = []
    train, resume = made(seen)
    folder = train(size="tiny", seed=3, out=tmp_path / "run", width=7, progress=False, listen=2)
    options = {"shown": False, "listen": 2, "hardware": None, "on_epoch": None, "tensorboard": False}
    assert seen == [("material", "notes", 3, False), ("fit", 7, 1, ["notes"], options)]
    assert folder == tmp_path / "run" and (folder / "config.json").exists()
    seen.clear()
    assert resume(folder, epochs=5, progress=False) == folder
    hardware = seen[1][4].pop("hardware")
    assert hardware.precision == "float32"  # as the run was begun
    rest = {"shown": False, "listen": 0, "on_epoch": None, "tensorboard": False}
    assert seen == [("material", "notes", 3, False), ("fit", 7, 5, ["notes"], rest)]


def test_the_data_may_decide_a_setting(tmp_path):
    seen = []

    def fit(run, config, read, **options):
        seen.append(config.width)
        return run.folder

    train, _ = training_verbs(
        RECIPE, data="notes", material=lambda config, **asked: (Config(width=9, epochs=1), None), fit=fit, composes=False
    )
    train(out=tmp_path / "run")
    assert seen == [9]


def test_what_is_refused_leaves_no_folder(tmp_path):
    def refused(config, **asked):
        raise ParameterError("data: no")

    train, _ = training_verbs(RECIPE, data="notes", material=refused, fit=made, composes=False)
    for options, word in (({"size": "huge"}, "size"), ({"depth": 2}, "depth"), ({}, "data"), ({"listen": 1}, "listen")):
        with pytest.raises(ParameterError, match=f"^{word}: "):
            train(out=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_a_recipe_settles_its_own_way(tmp_path):
    train, _ = made([], settle=lambda size, *, data, epochs, settings: RECIPE.settle("tiny", settings={"width": len(data)}))
    from lab_utils.storage import read_json

    folder = train(out=tmp_path / "run", data="abcdef", progress=False)
    assert read_json(folder / "config.json")["settings"]["width"] == 6


def test_the_verbs_belong_to_their_recipe():
    from lab_utils.recipes import gan

    assert (gan.train.__module__, gan.train.__name__, gan.resume.__name__) == ("lab_utils.recipes.gan", "train", "resume")
    assert "Returns" in gan.train.__doc__
