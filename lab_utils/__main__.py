"""The command line: ``python -m lab_utils VERB …``, installed as ``lab-utils`` too.

It parses, calls one function of a room, and prints what that returns; everything else is the rooms' business.

* Results go to the output stream, progress and errors to the error stream.
* Exit codes: 0 done; 1 the doctor found that no music can be made, or a check that an answer is not right yet; 2 bad input,
  told in one line; 130 stopped by Ctrl-C, with a line that says what is kept; 141 the reader of the output went away.
* A recipe is a module of ``lab_utils/recipes``, an algorithm one of ``lab_utils/algorithms``; each is found by its name, and an
  option that is not given keeps its default there.
* Parsing loads nothing heavy: ``--help`` answers at once.
"""

import argparse
import importlib
import inspect
import json
import os
import pkgutil
import sys
import time
from pathlib import Path

from lab_utils import __version__, _options
from lab_utils.errors import LabError, ParameterError
from lab_utils.storage import read_json

EXAMPLES = """examples:
  lab-utils doctor                                       what this machine has, and what it lacks
  lab-utils generate chorale --seed 7 --out out          compose a chorale: score, sound, pictures
  lab-utils data list                                    the data sets
  lab-utils train chorale --size lab --out runs/first    train a model of your own, about a minute
  lab-utils train chorale --optimizer sgd --listen 2     another optimiser; hear it learn, in runs/.../listen
  lab-utils resume runs/first                            go on with a training that was stopped
  lab-utils evaluate chorale --grid pieces.json --table  how well a model predicts these pieces
  lab-utils generate melody --seed 3                     a folk tune: ABC, score, sound, pictures
  lab-utils transfer --to dance hymn.mid --out out       what would a fiddler make of it?
  lab-utils check neural_network                         is my answer to this assignment right?

`lab-utils VERB --help` tells more of each verb.
"""


def main(arguments=None):
    """Run the command line `arguments` (a list of str, by default the program's own) and return its exit code."""
    options, started = _parser().parse_args(arguments), time.time()
    try:
        code = options.action(options) or 0
        sys.stdout.flush()
    except LabError as error:
        return _tell(error, 2)
    except KeyboardInterrupt:
        return _tell(options.kept(options, started), 130)
    except BrokenPipeError:  # as when the output is read by `head`: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _tell(message, code):
    print(f"lab-utils: {message}", file=sys.stderr)
    return code


# ---------------------------------------------------------------- the verbs


def _train(options):
    _options.prefer_speed()
    print(_ask(options.recipe, "train", options))


def _resume(options):
    config = read_json(Path(options.run, "config.json"))
    config = config if isinstance(config, dict) else {}
    _options.prefer_speed(config.get("backend"))
    print(_ask(config.get("recipe"), "resume", options))


def _compare(options):
    _options.prefer_speed()
    print(_ask(options.recipe, "compare", options))


def _evaluate(options):
    result = _ask(options.recipe, "evaluate", options)
    print(_table(result) if options.table else json.dumps(result, default=_plain))


def _generate(options):
    print(_table(_ask(options.recipe, "generate", options)))


def _transfer(options):
    from lab_utils.recipes._cyclegan_transfer import transfer_file

    given = {name: value for name, value in vars(options).items() if name not in {"action", "kept", "file"}}
    print(_table(transfer_file(options.file, **given)))


def _data(options):
    from lab_utils.datasets import catalogue

    if options.what == "list":
        print(_table({name: catalogue.entry(name).summary for name in catalogue.names()}))
    elif options.what == "card":
        print(catalogue.card(options.name).rstrip())
    else:
        print(catalogue.prepare(options.name))


def _check(options):
    from lab_utils.classroom import check

    given = {name: value for name, value in vars(options).items() if name not in {"action", "kept", "name"}}
    checked = check(options.name, **given)
    print(checked)
    return 0 if checked.right else 1


def _classroom(options):
    from lab_utils import classroom

    given = {name: value for name, value in vars(options).items() if name in {"course", "force", "student"}}
    if options.what == "release":
        print(_table(classroom.release(options.names, **given)))
    elif options.what == "collect":
        found = classroom.collect(options.name, options.downloaded, **given)
        print(f"collected: {', '.join(found.students) or 'nobody'}")
        print("".join(f"left: {place}: {why}\n" for place, why in found.left.items()), end="")
    else:
        print(_table({row["student"]: _marks(row) for row in classroom.grade(options.name, **given)}))


def _marks(row):
    words = "no score" if row["score"] is None else f"{row['score']:g} of {row['most']:g}"
    by_hand = ", a person's points still to come" if row["score"] is not None and row["by_hand"] is None else ""
    return words + by_hand + (f" ({row['remark']})" if row["remark"] else "")


def _doctor(options):
    from lab_utils import doctor

    checks = doctor.examine()
    print(json.dumps(doctor.as_json(checks), indent=1) if options.json else doctor.as_text(checks))
    return 0 if doctor.can_make_music(checks) else 1


# ---------------------------------------------------------------- what Ctrl-C leaves


def _kept(options, started):
    return "stopped; no file was left half written."


def _kept_of_data(options, started):
    return "stopped; what is prepared is kept, and the same command goes on from there."


def _kept_of_class(options, started):
    return "stopped; what is released, collected or graded so far is kept, and the same command goes on."


def _kept_of_training(options, started):
    """Name the run to go on with: the folder that was given, else the one that this command made."""
    given = getattr(options, "out", None) or getattr(options, "run", None)
    configs = Path(given).glob("config.json") if given else Path("runs").glob("*/config.json")
    runs = [path.parent for path in configs if given or path.stat().st_mtime >= started]
    if not runs:
        return _kept(options, started)
    return f"stopped; the run keeps its last whole epoch: go on with `lab-utils resume {runs[-1]}`."


# ---------------------------------------------------------------- calling and printing


def _modules():
    """Return the public modules of the two rooms that have verbs, name → dotted name."""
    found = {}
    for room in ("recipes", "algorithms"):
        names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / room)])]
        found |= {name: f"lab_utils.{room}.{name}" for name in names if not name.startswith("_")}
    return found


def _ask(recipe, verb, options):
    """Call `verb` of `recipe` with the options that were given and return its result."""
    modules = _modules()
    if recipe not in modules:
        raise ParameterError(f"recipe: expected one of {', '.join(modules)}; received {recipe!r}.")
    function = getattr(importlib.import_module(modules[recipe]), verb, None)
    if function is None:
        raise ParameterError(f"recipe: `{verb}` is not for {recipe}; see `lab-utils {verb} --help`.")
    given = {name: value for name, value in vars(options).items() if name not in {"action", "kept", "recipe", "table"}}
    given = _options.with_hardware(given)
    known = inspect.signature(function).parameters
    for name in given:
        if name not in known and not any(one.kind is one.VAR_KEYWORD for one in known.values()):
            raise ParameterError(f"--{name.replace('_', '-')}: `{verb} {recipe}` has no such option; leave it out.")
    return function(**given)


def _plain(value):
    """Turn what NumPy or a path holds into what JSON knows."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _table(result):
    """Return `result` (dict) as lines of a name and a value; dicts inside it are flattened, long lists only counted."""
    rows = list(_rows(result))
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _rows(result, before=""):
    for name, value in result.items():
        value = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(value, dict):
            yield from _rows(value, f"{before}{name}.")
        elif isinstance(value, list | tuple):
            yield before + name, "  ".join(map(_shown, value)) if len(value) <= 8 else f"{len(value)} values"
        else:
            yield before + name, _shown(value)


def _shown(value):
    return f"{value:.4f}" if isinstance(value, float) else str(value)


# ---------------------------------------------------------------- the parser


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all of the package's are."""

    def error(self, message):
        self.exit(2, f"lab-utils: {message}; `{self.prog} --help` shows how.\n")


def _parser():
    parser = _Parser(
        prog="lab-utils",
        description="Generating music with deep learning: train, compose, measure.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lab-utils {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)

    def verb(name, action, summary, kept=_kept):
        # An option that is not given stays out of the result, so that defaults stand in one place, the recipe.
        made = verbs.add_parser(name, help=summary, description=summary, allow_abbrev=False, argument_default=argparse.SUPPRESS)
        made.set_defaults(action=action, kept=kept)
        return made

    recipe = f"which model or algorithm: {', '.join(_modules())}"
    generate = verb("generate", _generate, "Compose a piece with a trained model; print its files and figures.")
    _options.add_generated(generate, recipe)

    transfer = verb("transfer", _transfer, "Move the music of a file to another style; print its files and figures.")
    _options.add_transferred(transfer)

    train = verb("train", _train, "Train a model; print the folder of the run.", _kept_of_training)
    _options.add_what(train, f"which model: {', '.join(name for name, path in _modules().items() if '.recipes.' in path)}")
    _options.add_how(train)
    _options.add_on_what(train)

    resume = verb("resume", _resume, "Go on with a training that was stopped; print the folder of the run.", _kept_of_training)
    resume.add_argument("run", metavar="RUN", help="the folder of the run")
    resume.add_argument("--epochs", type=int, metavar="N", help="train on to so many, more than the run was made for")
    _options.add_watching(resume)
    _options.add_on_what(resume, resumed=True)

    compare = verb("compare", _compare, "Train several variants with several seeds; print the folder with their table.")
    _options.add_comparison(compare)

    evaluate = verb("evaluate", _evaluate, "Measure a trained model; print one JSON object.")
    _options.add_measured(evaluate, recipe)

    data = verb("data", _data, "The data sets: list them, prepare one, read its card.", _kept_of_data)
    whats = data.add_subparsers(metavar="list|prepare|card", dest="what", required=True, parser_class=_Parser)
    whats.add_parser("list", help="names of the data sets")
    for what, summary in (
        ("prepare", "make the data ready for training, with a progress bar"),
        ("card", "source, licence, size"),
    ):
        whats.add_parser(what, help=summary, description=summary).add_argument("name", metavar="NAME")

    check = verb(
        "check", _check, "Run the visible tests of an assignment over your notebook; say what is right and what is next."
    )
    _options.add_checked(check)

    classroom = verb(
        "classroom", _classroom, "For a teacher: release assignments, collect what is handed in, grade it.", _kept_of_class
    )
    _options.add_classroom(
        classroom.add_subparsers(metavar="release|collect|grade", dest="what", required=True, parser_class=_Parser)
    )

    doctor = verb("doctor", _doctor, "Say what this machine has, what it lacks, and what to do about it.")
    doctor.add_argument("--json", action="store_true", default=False, help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
