"""The assignment `composition`: its points, and machines and measures that look right and are not.

No wrong machine fits a model: each is a few lines that keep all promises but one.
"""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "composition"
POINTS = {"plays": 3, "size": 2, "seeds": 3, "key": 2, "own": 3, "form": 3, "portrait": 4}

WALK = """def compose(seed):
    rng = np.random.default_rng({seed})
    scale = [p for p in range(60, 85) if p % 12 in {classes}]

    def phrase(bars):
        return [scale[n] for n in np.clip(7 + np.cumsum(rng.integers(-2, 3, size=4 * bars)), 0, len(scale) - 1)]

    a, b = phrase(4), phrase(4)
    line = {form}
    {more}
    return {score}
"""
MAJOR, FORM = "(0, 2, 4, 5, 7, 9, 11)", "a + a[:12] + phrase(1) + b + a[:12] + phrase(1)"
SCORE = "Score(note_array([(beat, 1.0, int(pitch)) for beat, pitch in enumerate(line)]), tempos=((0.0, 240.0),))"
RIGHT = {"seed": "seed", "classes": MAJOR, "form": FORM, "more": "", "score": SCORE}
COPIED = """def compose(seed):
    names = ("oneill-0104", "oneill-0136", "oneill-0158", "oneill-0175", "oneill-0251")
    score = datasets.load_tunes()[names[seed % 5]].score.transpose(1)
    {more}
    return score
"""
OTHER_DURATIONS = """notes = score.notes.copy()
    notes["duration_quarter"] = np.random.default_rng(seed).uniform(0.4, 0.5, len(notes))
    score = score.with_(notes=notes)"""
LIGHT = WALK.format(**RIGHT)  # a machine that keeps all promises, and fits no model
NOT_WHAT_IS_ASKED = {"plays", "size", "seeds", "key", "own", "form"}

PORTRAIT = """def portrait(score):
    notes = {notes}
    moves = np.diff(notes["pitch"])
    moves = {moves}
    lines, seen, returns = score.bar_lines(), {seen}, 0
    for start, end in zip(lines[:-1], lines[1:]):
        inside = notes[(notes["onset_quarter"] >= start) & (notes["onset_quarter"] < end)]
        bar = tuple({bar} for n in inside)
        returns += {back}
        seen{add}
    return {{
        "notes": len(notes),
        "range": int({range}),
        "steps": float((np.abs(moves) <= 2).mean()){guard},
        "returns": returns / {bars},
    }}
"""
SEES = {
    "notes": "score.voice_notes(0)",
    "moves": "moves[moves != 0]",
    "seen": "set()",
    "bar": "(float(n['onset_quarter'] - start), float(n['duration_quarter']), int(n['pitch']))",
    "back": "bool(bar) and bar in seen",
    "add": ".add(bar)",
    "range": "np.ptp(notes['pitch'])",
    "guard": " if len(moves) else 0.0",
    "bars": "(len(lines) - 1)",
}

WRONG = [
    Wrong(
        "chance comes from outside",
        {
            "compose_answer": "RNG = np.random.default_rng(0)\n\n\n"
            + WALK.format(**RIGHT).replace("np.random.default_rng(seed)", "RNG")
        },
        loses={"seeds"},
        says="gives other notes the second time",
    ),
    Wrong(
        "the seed moves one melody to another key, and makes no other",
        {"compose_answer": WALK.format(**RIGHT | {"seed": "0", "more": "line = [pitch + seed for pitch in line]"})},
        loses={"seeds"},
        says="the same melody",
    ),
    Wrong(
        "seeds repeat after three: only a hidden test sees it",
        {"compose_answer": WALK.format(**RIGHT | {"seed": "seed % 3"})},
        loses={"seeds"},
        says="two have the same melody",
    ),
    Wrong(
        "all twelve notes",
        {"compose_answer": WALK.format(**RIGHT | {"classes": "range(12)"})},
        loses={"key"},
        says="asked for are 90 %",
    ),
    Wrong(
        "four bars in a loop",
        {"compose_answer": WALK.format(**RIGHT | {"form": "a * 4"})},
        loses={"form"},
        says="vary what comes back",
    ),
    Wrong(
        "too short",
        {"compose_answer": WALK.format(**RIGHT | {"form": "a[:8] + b[:8] + a[:8]", "score": SCORE.replace("240.0", "120.0")})},
        loses={"size"},
        says="6 bars",
    ),
    Wrong(
        "a tune of the data set, in another key",
        {"compose_answer": COPIED.format(more="")},
        loses={"own"},
        says="of a known tune",
    ),
    Wrong(
        "a tune of the data set with other durations",
        {"compose_answer": COPIED.format(more=OTHER_DURATIONS)},
        loses={"own"},
        says="with other durations",
    ),
    Wrong(
        "a tempo of sixteenths, not of quarters: over in a moment",
        {"compose_answer": WALK.format(**RIGHT | {"score": SCORE.replace("240.0", "960.0")})},
        loses={"plays"},
        says="in quarters a minute",
    ),
    Wrong(
        "pitches, and no Score",
        {"compose_answer": WALK.format(**RIGHT | {"score": "np.array(line)"})},
        loses=NOT_WHAT_IS_ASKED,
        says="returns ndarray; asked for is a Score",
    ),
    Wrong(
        "all voices are measured: only a hidden test sees it",
        {"compose_answer": LIGHT, "portrait_answer": PORTRAIT.format(**SEES | {"notes": "score.notes"})},
        loses={"portrait"},
        says="a voice 1 that does not count",
    ),
    Wrong(
        "times are counted from the start of the piece",
        {
            "compose_answer": LIGHT,
            "portrait_answer": PORTRAIT.format(**SEES | {"bar": "(float(n['onset_quarter']), int(n['pitch']))"}),
        },
        loses={"portrait"},
        says="returns is 0",
    ),
    Wrong(
        "silent bars return: only a hidden test sees it",
        {"compose_answer": LIGHT, "portrait_answer": PORTRAIT.format(**SEES | {"back": "bar in seen"})},
        loses={"portrait"},
        says="three silent ones",
    ),
    Wrong(
        "a melody that never moves has no number of steps: only a hidden test sees it",
        {"compose_answer": LIGHT, "portrait_answer": PORTRAIT.format(**SEES | {"guard": ""})},
        loses={"portrait"},
        says="on one note",
    ),
]
