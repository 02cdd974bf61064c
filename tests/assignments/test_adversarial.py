"""The assignment `adversarial`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "adversarial"
POINTS = {"critic": 3, "generator": 2, "slopes": 4, "modes": 3, "distinct": 3, "cycle": 3, "identity": 2}

CRITIC = """
def critic_loss(real, made):
    {answer}
"""
GENERATOR = """
def generator_loss(made):
    return {answer}
"""
SLOPES = """
def slopes(real, made):
    def sigma(a):
        return 1 / (1 + np.exp(-a))

    return {answer}
"""
MODES = """
def modes_found(points, modes, *, within=0.15, share=0.02):
    apart = np.linalg.norm(points[:, None] - modes[None], axis=2)
    {answer}
"""
DISTINCT = """
def count_distinct(samples, *, within=0.0):
    {answer}
"""
DISTINCT_FROM_THE_ONE_BEFORE = """
def count_distinct(samples, *, within=0.0):
    rows = np.asarray(samples).reshape(len(samples), -1)
    return 1 + sum(bool(np.mean(row != before) > within) for before, row in zip(rows, rows[1:]))
"""
DISTINCT_FROM_ALL_BEFORE = """
def count_distinct(samples, *, within=0.0):
    rows = np.asarray(samples).reshape(len(samples), -1)
    return 1 + sum(all(np.mean(row != one) > within for one in rows[:i]) for i, row in enumerate(rows) if i)
"""
DISTINCT_ROWS_ONLY = """
def count_distinct(samples, *, within=0.0):
    counted = [samples[0]]
    for row in samples[1:]:
        if all(np.sum(row != one) / len(row) > within for one in counted):
            counted.append(row)
    return len(counted)
"""
CYCLE = """
def cycle_loss(a, b, to_b, to_a, *, weight=10.0):
    return {answer}
"""
IDENTITY = """
def identity_loss(a, b, to_b, to_a, *, weight=5.0):
    return {answer}
"""
WRONG = [
    Wrong(
        "the logarithm of what was rounded to nought",
        {
            "critic_answer": CRITIC.format(
                answer="s = lambda a: 1 / (1 + np.exp(-a)); return -np.log(s(real)).mean() - np.log(1 - s(made)).mean()"
            )
        },
        {"critic"},
        "does not overflow",
    ),
    Wrong(
        "the generator's half in the critic's loss",
        {"critic_answer": CRITIC.format(answer="return np.logaddexp(0, -real).mean() + np.logaddexp(0, -made).mean()")},
        {"critic"},
        "Both are right with a probability of 3/4",
    ),
    Wrong(
        "the mean of both heaps at once",
        {
            "critic_answer": CRITIC.format(
                answer="return 2 * np.concatenate([np.logaddexp(0, -real), np.logaddexp(0, made)]).mean()"
            )
        },
        {"critic"},
        "Each sort has its own mean",
    ),
    Wrong(
        "prints what the critic pays",
        {"critic_answer": CRITIC.format(answer="print(np.logaddexp(0, -real).mean() + np.logaddexp(0, made).mean())")},
        {"critic"},
        "print shows a value",
    ),
    Wrong(
        "the saturating form",
        {"generator_answer": GENERATOR.format(answer="-np.logaddexp(0, made).mean()")},
        {"generator"},
        "costs more than nothing",
    ),
    Wrong(
        "the sign of the score is lost",
        {"generator_answer": GENERATOR.format(answer="np.logaddexp(0, made).mean()")},
        {"generator"},
        "has to pay less",
    ),
    Wrong(
        "the generator's loss of the mean score",
        {"generator_answer": GENERATOR.format(answer="np.logaddexp(0, -made.mean())")},
        {"generator"},
        "the mean of -ln σ(score)",
    ),
    Wrong(
        "slopes of sums, not of means",
        {"slopes_answer": SLOPES.format(answer="-sigma(-real), sigma(made), -sigma(-made)")},
        {"slopes"},
        "the loss is a mean",
    ),
    Wrong(
        "every slope divided by the number of real points",
        {"slopes_answer": SLOPES.format(answer="-sigma(-real) / len(real), sigma(made) / len(real), -sigma(-made) / len(real)")},
        {"slopes"},
        "critic_by_made, 3 real and 5 made",
    ),
    Wrong(
        "the generator's slope is the critic's turned round",
        {"slopes_answer": SLOPES.format(answer="-sigma(-real) / len(real), sigma(made) / len(made), -sigma(made) / len(made)")},
        {"slopes"},
        "what the generator pays",
    ),
    Wrong(
        "a mode found by a single point",
        {"modes_answer": MODES.format(answer="return len(np.unique(apart.argmin(axis=1)[apart.min(axis=1) <= within]))")},
        {"modes"},
        "1 of 100 is not",
    ),
    Wrong(
        "the share of those that lie on a mode",
        {
            "modes_answer": MODES.format(
                answer="near = apart.argmin(axis=1)[apart.min(axis=1) <= within]; "
                "return int((np.bincount(near, minlength=len(modes)) >= max(1, share * len(near))).sum())"
            )
        },
        {"modes"},
        "points on no mode count among all",
    ),
    Wrong(
        "a point counts for all modes within reach",
        {"modes_answer": MODES.format(answer="return int(((apart <= within).mean(axis=0) >= share).sum())")},
        {"modes"},
        "nearest mode alone",
    ),
    Wrong(
        "more than the share, not at least",
        {
            "modes_answer": MODES.format(
                answer="near = apart.argmin(axis=1)[apart.min(axis=1) <= within]; "
                "return int((np.bincount(near, minlength=len(modes)) > share * len(points)).sum())"
            )
        },
        {"modes"},
        "at least a share",
    ),
    Wrong(
        "compares with the sample before",
        {"distinct_answer": DISTINCT_FROM_THE_ONE_BEFORE},
        {"distinct"},
        "0001 is not counted",
    ),
    Wrong(
        "compares with those that were not counted",
        {"distinct_answer": DISTINCT_FROM_ALL_BEFORE},
        {"distinct"},
        "0001 is not counted",
    ),
    Wrong("rows of tokens and no grids", {"distinct_answer": DISTINCT_ROWS_ONLY}, {"distinct"}, "any shape"),
    Wrong(
        "counts exact copies alone",
        {
            "distinct_answer": DISTINCT.format(
                answer="return len(np.unique(np.asarray(samples).reshape(len(samples), -1), axis=0))"
            )
        },
        {"distinct"},
        "not more than a quarter",
    ),
    Wrong(
        "compares which numbers occur",
        {"distinct_answer": DISTINCT.format(answer="return len({tuple(np.sort(np.ravel(one))) for one in samples})")},
        {"distinct"},
    ),
    Wrong(
        "one way alone",
        {"cycle_answer": CYCLE.format(answer="weight * np.abs(to_a(to_b(a)) - a).mean()")},
        {"cycle"},
        "1 on the way from B",
    ),
    Wrong(
        "what is off cancels out",
        {"cycle_answer": CYCLE.format(answer="weight * ((to_a(to_b(a)) - a).mean() + (to_b(to_a(b)) - b).mean())")},
        {"cycle"},
        "Too low costs as much",
    ),
    Wrong(
        "a sum over the batch",
        {"cycle_answer": CYCLE.format(answer="weight * (np.abs(to_a(to_b(a)) - a).sum() + np.abs(to_b(to_a(b)) - b).sum())")},
        {"cycle"},
        "where each way back ends 1 too high",
    ),
    Wrong(
        "squares in place of sizes",
        {"cycle_answer": CYCLE.format(answer="weight * (((to_a(to_b(a)) - a) ** 2).mean() + ((to_b(to_a(b)) - b) ** 2).mean())")},
        {"cycle"},
        "-2 comes back as 2",
    ),
    Wrong(
        "the translators in the wrong order",
        {"cycle_answer": CYCLE.format(answer="weight * (np.abs(to_b(to_a(a)) - a).mean() + np.abs(to_a(to_b(b)) - b).mean())")},
        {"cycle"},
        "for B first F, then G",
    ),
    Wrong(
        "each translator is shown the other heap",
        {"identity_answer": IDENTITY.format(answer="weight * (np.abs(to_b(a) - a).mean() + np.abs(to_a(b) - b).mean())")},
        {"identity"},
        "Each leaves its own heap alone",
    ),
    Wrong(
        "the weight is always 5",
        {"identity_answer": IDENTITY.format(answer="5 * (np.abs(to_b(b) - b).mean() + np.abs(to_a(a) - a).mean())")},
        {"identity"},
        "G changes what is right already by 1",
    ),
]
