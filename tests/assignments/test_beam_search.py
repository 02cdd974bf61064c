"""The assignment `beam_search`: its points, and answers that look right and are not."""

from grading import Wrong, test_blank_gets_nothing, test_solution_gets_everything, test_wrong_answer_loses_its_points  # noqa: F401

NAME = "beam_search"
POINTS = {"log": 2, "beam": 5, "key": 2, "restrict": 2, "ahead": 4, "fly": 3, "remember": 2}

LOG = """def log_probability(tokens, first, then):
    return {sum}
"""
BEAM = """def beam_search(next_log_probs, steps, width):
    kept = [(0.0, ())]
    for step in range(steps):
        longer = []
        for total, prefix in kept:
            longer += [({total}, (*prefix, token)) for token, value in enumerate(next_log_probs({asked}))]
        kept = sorted({those}, reverse=True)[:width]
    return kept
"""
ASKED = {"total": "total + float(value)", "asked": "prefix", "those": "(one for one in longer if one[0] > -np.inf)"}
KEY = """def key_mask(pitches, sharps):
    return np.isin({classes}, (0, 2, 4, 5, 7, 9, 11))
"""
RESTRICT = """def restrict(log_probs, mask):
    {body}
"""
AHEAD = """def look_ahead(allowed, may_follow):
    alive = {alive}
    for t in range(len(alive) - 2, -1, -1):
        alive[t] &= {reaches}
    return alive
"""
FLY = """CHI, PHI = 0.7298, 2.05


def fly(x, velocity, own, shared, r1, r2, low, high):
    velocity = {velocity}
    moved = x + velocity
    {walls}
    return np.clip(moved, low, high), velocity
"""
PULLS = "CHI * (velocity + PHI * r1 * (own - x) + PHI * r2 * (shared - x))"
WALLS = "velocity = np.where((moved < low) | (moved > high), -velocity / 2, velocity)"
REMEMBER = """def remember(x, values, own, own_values):
    better = values {better} own_values
    own, own_values = np.where(better[:, None], x, own), np.where(better, values, own_values)
    return own, own_values, {shared}
"""

WRONG = [
    Wrong(
        "then is read the wrong way round",
        {"log_answer": LOG.format(sum="first[tokens[0]] + sum(then[b, a] for a, b in zip(tokens, tokens[1:]))")},
        loses={"log"},
        says="belongs to the note before",
    ),
    Wrong(
        "probabilities are multiplied, which come to 0: only a hidden test sees it",
        {
            "log_answer": LOG.format(
                sum="np.log(np.prod([np.exp(first[t]) for t in tokens[:1]]"
                " + [np.exp(then[a, b]) for a, b in zip(tokens, tokens[1:])]))"
            )
        },
        loses={"log"},
        says="Add logarithms",
    ),
    Wrong(
        "each note is judged alone, not the whole way",
        {"beam_answer": BEAM.format(**ASKED | {"total": "float(value)"})},
        loses={"beam"},
    ),
    Wrong(
        "the model is told of the last token alone: only a hidden test sees it",
        {"beam_answer": BEAM.format(**ASKED | {"asked": "prefix[-1:]"})},
        loses={"beam"},
        says="depend on the whole prefix",
    ),
    Wrong(
        "the model is asked anew for each token: only a hidden test sees it",
        {"beam_answer": BEAM.format(**ASKED | {"total": "total + float(next_log_probs(prefix)[token])"})},
        loses={"beam"},
        says="once for each kept beginning and step",
    ),
    Wrong(
        "impossible melodies are kept: only a hidden test sees it",
        {"beam_answer": BEAM.format(**ASKED | {"those": "longer"})},
        loses={"beam"},
        says="-inf is never kept",
    ),
    Wrong(
        "a sharp moves the pattern by a semitone",
        {"key_answer": KEY.format(classes="(pitches - sharps) % 12")},
        loses={"key"},
        says="G major has all of C major's notes",
    ),
    Wrong(
        "flats are taken for sharps: only a hidden test sees it",
        {"key_answer": KEY.format(classes="(pitches - 7 * abs(sharps)) % 12")},
        loses={"key"},
        says="-7 sharps",
    ),
    Wrong(
        "the mask is multiplied: what is forbidden becomes certain",
        {"restrict_answer": RESTRICT.format(body="return log_probs * mask")},
        loses={"restrict"},
        says="Forbidden is -inf",
    ),
    Wrong(
        "the model's own table is written into: only a hidden test sees it",
        {"restrict_answer": RESTRICT.format(body="log_probs[..., ~mask] = -np.inf\n    return log_probs")},
        loses={"restrict"},
        says="this one is the model",
    ),
    Wrong(
        "the rest is made to sum to one",
        {
            "restrict_answer": RESTRICT.format(
                body="out = np.where(mask, log_probs, -np.inf)\n    return out - np.log(np.exp(out).sum(axis=-1, keepdims=True))"
            )
        },
        loses={"restrict"},
        says="the rest stays as it is",
    ),
    Wrong(
        "may_follow the wrong way round: only a hidden test sees it",
        {"ahead_answer": AHEAD.format(alive="np.array(allowed)", reaches="(may_follow.T & alive[t + 1]).any(axis=1)")},
        loses={"ahead"},
        says="Row a of may_follow",
    ),
    Wrong(
        "it looks one step ahead, not to the end",
        {"ahead_answer": AHEAD.format(alive="np.array(allowed)", reaches="(may_follow & np.array(allowed)[t + 1]).any(axis=1)")},
        loses={"ahead"},
        says="Begin at the last step",
    ),
    Wrong(
        "allowed is changed in place: only a hidden test sees it",
        {"ahead_answer": AHEAD.format(alive="allowed", reaches="(may_follow & alive[t + 1]).any(axis=1)")},
        loses={"ahead"},
        says="do not change the one that you are given",
    ),
    Wrong(
        "χ multiplies the old velocity alone",
        {"fly_answer": FLY.format(velocity=PULLS.replace("(velocity +", "velocity + ("), walls=WALLS)},
        loses={"fly"},
        says="χ multiplies the whole bracket",
    ),
    Wrong(
        "no turn at the walls, a clip alone: only a hidden test sees it",
        {"fly_answer": FLY.format(velocity=PULLS, walls="")},
        loses={"fly"},
        says="turned round and halved",
    ),
    Wrong(
        "a particle that meets a wall turns round as a whole: only a hidden test sees it",
        {
            "fly_answer": FLY.format(
                velocity=PULLS,
                walls="velocity = np.where(((moved < low) | (moved > high)).any(axis=1, keepdims=True), -velocity / 2, velocity)",
            )
        },
        loses={"fly"},
        says="the others keep theirs",
    ),
    Wrong(
        "a new place that is only as good is taken: only a hidden test sees it",
        {"remember_answer": REMEMBER.format(better=">=", shared="own[own_values.argmax()]")},
        loses={"remember"},
        says="Of equals the old one stays",
    ),
    Wrong(
        "the shared best is the best of this flight, forgotten at the next: only a hidden test sees it",
        {"remember_answer": REMEMBER.format(better=">", shared="x[values.argmax()]")},
        loses={"remember"},
        says="not of the new places",
    ),
]
