"""The command line: what each verb hands on and prints, its exit codes, and that it answers at once.

The verbs are run against a recipe made here, so that nothing is trained; the real recipe is run in its own test.
"""

import importlib
import importlib.metadata
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.errors import DataError

command = importlib.import_module("lab_utils.__main__")


@pytest.fixture
def recipe(monkeypatch):
    """A recipe named ``toy`` that notes how it was called; its verbs take the place of a real one's."""
    calls = []

    def train(size="lab", *, data="chorales", out=None, seed=0, epochs=None, progress=True):
        calls.append((size, data, out, seed, epochs))
        return out or "runs/toy-1"

    def resume(run, *, epochs=None):
        calls.append((run, epochs))
        return run

    def evaluate(*, run="toy", grid=None):
        calls.append((run, grid))
        return {
            "joint_nll": np.float64(0.375),
            "per_piece_nll": np.arange(9) / 2,
            "baselines": {"unigram": 2.5},
            "notes": np.int64(7),
        }

    def generate(*, run="toy", seed=0, bars=16, temperature=1.0, out="out"):
        calls.append((run, seed, bars, temperature, out))
        return {"midi": f"{out}/chorale.mid", "nll": 0.41234567}

    toy = SimpleNamespace(calls=calls, train=train, resume=resume, evaluate=evaluate, generate=generate)
    monkeypatch.setitem(sys.modules, "lab_utils.recipes.toy", toy)
    monkeypatch.setattr(command, "_modules", lambda: {"toy": "lab_utils.recipes.toy"})
    return toy


def main(line):
    return command.main(line.split())


def failing(error):
    def verb(*, run="toy", seed=0, out="out", **_):
        raise error

    return verb


def run_alone(*arguments, code=None):
    """Run the command line in a process of its own, as a user does."""
    start = ["-c", code] if code else ["-m", "lab_utils"]
    return subprocess.run([sys.executable, *start, *arguments], capture_output=True, text=True)


# ---------------------------------------------------------------- each verb


def test_train_hands_on_what_was_given_and_prints_the_run(recipe, capsys):
    assert main("train toy --size tiny --data jsb16 --out runs/a --seed 3 --epochs 2") == 0
    assert recipe.calls == [("tiny", "jsb16", "runs/a", 3, 2)]
    assert capsys.readouterr().out == "runs/a\n"


def test_an_option_that_is_not_given_is_left_to_the_recipe(recipe, capsys):
    assert main("train toy") == main("generate toy") == main("evaluate toy") == 0
    assert recipe.calls == [("lab", "chorales", None, 0, None), ("toy", 0, 16, 1.0, "out"), ("toy", None)]


def test_generate_prints_files_and_figures_in_columns(recipe, capsys):
    assert main("generate toy --seed 7 --bars 4 --temperature 0.9 --out here --run runs/a") == 0
    assert recipe.calls == [("runs/a", 7, 4, 0.9, "here")]
    assert capsys.readouterr().out == "midi  here/chorale.mid\nnll   0.4123\n"


def test_evaluate_prints_one_json_object(recipe, capsys):
    assert main("evaluate toy --run jsb16 --grid pieces.json") == 0
    assert recipe.calls == [("jsb16", "pieces.json")]
    (line,) = capsys.readouterr().out.splitlines()
    expected = {"joint_nll": 0.375, "per_piece_nll": [n / 2 for n in range(9)], "baselines": {"unigram": 2.5}, "notes": 7}
    assert json.loads(line) == expected


def test_evaluate_prints_a_table(recipe, capsys):
    assert main("evaluate toy --table") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["joint_nll", "0.3750"] and rows[1:] == [
        ["per_piece_nll", "9", "values"],
        ["baselines.unigram", "2.5000"],
        ["notes", "7"],
    ]


def test_a_table_counts_a_long_list():
    assert command._table({"nll": list(range(9)), "few": [1, 0.5]}) == "nll  9 values\nfew  1  0.5000"


def test_resume_finds_the_recipe_in_the_run(recipe, tmp_path, capsys):
    (tmp_path / "config.json").write_text('{"recipe": "toy"}')
    assert command.main(["resume", str(tmp_path)]) == 0
    assert recipe.calls == [(str(tmp_path), None)] and capsys.readouterr().out == f"{tmp_path}\n"


def test_resume_trains_on_to_more_epochs(recipe, tmp_path, capsys):
    (tmp_path / "config.json").write_text('{"recipe": "toy"}')
    assert command.main(["resume", str(tmp_path), "--epochs", "40"]) == 0
    assert recipe.calls == [(str(tmp_path), 40)] and capsys.readouterr().out == f"{tmp_path}\n"


def test_compare_hands_on_what_was_given(recipe, capsys):
    recipe.compare = lambda *, out="runs/compare", variants=("a",), seeds=3: recipe.calls.append((variants, seeds)) or out
    assert main("compare toy --variants gru,lstm --seeds 2") == main("compare toy") == 0
    assert recipe.calls == [("gru,lstm", 2), (("a",), 3)]
    assert capsys.readouterr().out == "runs/compare\n" * 2


def test_a_verb_that_a_recipe_lacks_is_told(recipe, capsys):
    assert main("compare toy") == 2
    assert "`compare` is not for toy" in capsys.readouterr().err


def test_data_lists_prepares_and_shows_cards(monkeypatch, capsys):
    catalogue = importlib.import_module("lab_utils.datasets.catalogue")
    assert main("data list") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == catalogue.names()
    assert main("data card chorales") == 0
    assert capsys.readouterr().out == catalogue.card("chorales")
    monkeypatch.setattr(catalogue, "prepare", lambda name: f"{name}: ready")
    assert main("data prepare jsb16") == 0
    assert capsys.readouterr().out == "jsb16: ready\n"


def test_an_unknown_data_set_is_told(capsys):
    assert main("data prepare opera") == 2
    assert "'opera'" in one_line(capsys)


def test_check_prints_what_is_right_and_its_code_says_whether_all_is(monkeypatch, capsys):
    from lab_utils import classroom
    from lab_utils.classroom.checking import Checked, Part

    for right in (True, False):
        asked = {}

        def check(name, right=right, asked=asked, **given):
            asked |= {"name": name} | given
            return Checked(name, (Part("octave", 3, right, "" if right else "not written yet"),))

        monkeypatch.setattr(classroom, "check", check)
        assert main("check toy --notebook mine.ipynb --seconds 5") == (0 if right else 1)
        assert asked == {"name": "toy", "notebook": "mine.ipynb", "seconds": 5.0}
        assert f"toy: {3 if right else 0} of the 3 points" in capsys.readouterr().out


def test_classroom_hands_on_what_was_given_and_prints_each_student(monkeypatch, capsys):
    from lab_utils import classroom
    from lab_utils.classroom.collecting import Collected

    row = {"student": "ada", "score": 4.0, "most": 6.0, "by_hand": None, "remark": "octave was edited"}
    lost = {"student": "eve", "score": None, "most": None, "by_hand": None, "remark": "not graded: the kernel died"}
    monkeypatch.setattr(classroom, "release", lambda names, **given: {"toy": f"written {names} {given}"})
    monkeypatch.setattr(classroom, "collect", lambda *what, **given: Collected(("ada",), {"x.ipynb": "it is no notebook"}))
    monkeypatch.setattr(classroom, "grade", lambda name, **given: [row, lost])
    assert main("classroom release toy --force --course c") == 0
    assert capsys.readouterr().out == "toy  written ['toy'] {'force': True, 'course': 'c'}\n"
    assert main("classroom release") == 0
    assert capsys.readouterr().out == "toy  written [] {}\n"
    assert main("classroom collect toy down.zip") == 0
    assert capsys.readouterr().out == "collected: ada\nleft: x.ipynb: it is no notebook\n"
    assert main("classroom grade toy") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "ada  4 of 6, a person's points still to come (octave was edited)"
    assert told[1] == "eve  no score (not graded: the kernel died)"


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main("--version")
    assert stop.value.code == 0 and capsys.readouterr().out == f"lab-utils {command.__version__}\n"


# ---------------------------------------------------------------- bad input and stops


@pytest.mark.parametrize(
    "words, told",
    [
        ("", "VERB"),
        ("compose toy", "compose"),
        ("train", "RECIPE"),
        ("train toy --seed three", "three"),
        ("train toy --siz tiny", "--siz"),
        ("data prepare", "NAME"),
    ],
)
def test_a_wrong_line_is_told_in_one_line(recipe, capsys, words, told):
    with pytest.raises(SystemExit) as stop:
        command.main(words.split())
    captured = capsys.readouterr()
    assert stop.value.code == 2 and captured.out == ""
    assert captured.err.startswith("lab-utils: ") and captured.err.count("\n") == 1 and told in captured.err


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.err.startswith("lab-utils: ") and captured.err.count("\n") == 1 and captured.out == ""
    return captured.err


def test_an_unknown_recipe_is_told_with_the_known_ones(recipe, capsys):
    assert main("generate opera") == 2
    assert "'opera'" in (told := one_line(capsys)) and "toy" in told


def test_an_option_that_the_recipe_lacks_is_told(recipe, capsys):
    recipe.generate = lambda *, run="toy", seed=0: {}
    assert main("generate toy --bars 4") == 2
    assert "--bars" in one_line(capsys)


@pytest.mark.parametrize("content", ["{}", '{"recipe": "opera"}', '["toy"]', "{"])
def test_a_run_that_is_none_is_told(recipe, tmp_path, capsys, content):
    (tmp_path / "config.json").write_text(content)
    assert command.main(["resume", str(tmp_path)]) == 2
    one_line(capsys)


def test_an_error_of_the_package_is_one_line(recipe, capsys):
    recipe.generate = failing(DataError("a.mid: is no MIDI file."))
    assert main("generate toy") == 2
    assert one_line(capsys) == "lab-utils: a.mid: is no MIDI file.\n"


def test_an_error_that_is_ours_keeps_its_traceback(recipe):
    recipe.generate = failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main("generate toy")


def test_ctrl_c_names_the_run_to_go_on_with(recipe, capsys, tmp_path, monkeypatch):
    def train(*, out=None):
        folder = tmp_path / (out or "runs/made-up")
        folder.mkdir(parents=True)
        (folder / "config.json").write_text('{"recipe": "toy"}')
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    recipe.train, recipe.resume = train, failing(KeyboardInterrupt())
    assert main("train toy --out here") == 130
    assert one_line(capsys).endswith("keeps its last whole epoch: go on with `lab-utils resume here`.\n")
    assert main("train toy") == 130
    assert "resume runs/made-up`" in one_line(capsys)
    assert main("resume here") == 130
    assert "resume here`" in one_line(capsys)


def test_ctrl_c_before_there_is_a_run_promises_none(recipe, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe.train = failing(KeyboardInterrupt())
    old = tmp_path / "runs" / "old" / "config.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    os.utime(old, (1, 1))
    for line in ("train toy", "train toy --out none", "train toy --out runs"):
        assert main(line) == 130
        assert one_line(capsys) == "lab-utils: stopped; no file was left half written.\n"


@pytest.mark.parametrize("line, told", [("generate toy", "half written"), ("data prepare jsb16", "goes on from there")])
def test_ctrl_c_says_what_is_kept(recipe, capsys, monkeypatch, line, told):
    catalogue = importlib.import_module("lab_utils.datasets.catalogue")
    recipe.generate = failing(KeyboardInterrupt())
    monkeypatch.setattr(catalogue, "prepare", lambda name: recipe.generate())
    assert main(line) == 130
    assert told in one_line(capsys)


def test_a_reader_that_went_away_is_no_error():
    much = "import sys; from lab_utils import __main__ as c; c._generate = lambda o: print('x' * 10**7); sys.exit(c.main())"
    line = f'set -o pipefail; "{sys.executable}" -c "{much}" generate toy | head -c 1'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (141, "x", "")


# ---------------------------------------------------------------- as a user


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"]])
def test_help_answers_at_once(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_alone(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0 and "usage: lab-utils" in done.stdout
    # the processor's seconds, for the clock's depend on what else the machine does
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_parsing_loads_nothing_heavy():
    code = "import sys; from lab_utils.__main__ import _parser; _parser(); print(*{'numpy', 'keras', 'tqdm'} & set(sys.modules))"
    assert run_alone(code=code).stdout == "\n"


def test_the_examples_of_the_help_are_lines_that_parse():
    lines = [line.split("  ")[1].split() for line in command.EXAMPLES.splitlines() if line.startswith("  lab-utils")]
    assert len(lines) >= 6
    for words in lines:
        assert command._parser().parse_args(words[1:]).action


def test_the_commands_of_the_readme_parse():
    readme = (Path(command.__file__).parents[1] / "README.md").read_text()
    lines = [line.split("#")[0].split() for line in readme.splitlines() if line.startswith("lab-utils ")]
    assert len(lines) >= 5
    for words in lines:
        assert command._parser().parse_args(words[1:]).action


def test_the_program_is_installed_under_its_name():
    (entry,) = [entry for entry in importlib.metadata.entry_points(group="console_scripts") if entry.name == "lab-utils"]
    assert entry.load() is command.main
