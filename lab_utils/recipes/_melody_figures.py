"""The figures of trained melody networks: of one run, and the report on all that ship.

Of 16th steps every figure is a mean over the steps from the second on: the first of a piece has nothing before it. Of symbols
all count, the END too. The n-gram models beside the networks are fitted on the same training fold: ``order_1`` looks at one
symbol, ``order_1_beat`` at the place in the beat as well, ``order_8_beat_12_keys`` at eight symbols, fitted in all keys, and
``notes_order_3_beat_12_keys`` at the last three notes and for how long the last one has sounded.

Sampled tunes are judged as music, not as likelihood: whether the text can be read, whether every bar has its meter's length,
and whether runs of 16 notes are recited from the training fold more often than the tunes of the validation fold hold such runs.
They are written as the recipe writes tunes, where a section ends only on a bar that its upbeat makes full; ``samples_free``
stands for those in which the network decides that too.
"""

import csv

import numpy as np

from lab_utils.densities.ngram import NGram
from lab_utils.encoding import chorale, melody
from lab_utils.errors import DataError, LabError, ParameterError
from lab_utils.evaluation import attention, calibration, comparison, copying, likelihood, reconstruction
from lab_utils.progress import bar
from lab_utils.recipes import _chorale_pieces as chorale_pieces
from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import _melody_network as network
from lab_utils.recipes import _melody_writing as writing
from lab_utils.storage import read_json, shipped_folder

SOPRANOS = {
    "simple": "soprano_simple",
    "gru": "soprano_gru",
    "lstm": "soprano_lstm",
    "attention": "soprano",
    "magenta": "soprano_magenta",
}
BEAT = 4  # 16ths
KEYS = range(-6, 6)  # semitones
NGRAMS = {  # order, positions in the beat, keys, steps that tell how long the last note has lasted
    "unigram": (0, 0, (0,), 0),
    "order_1": (1, 0, (0,), 0),
    "order_1_beat": (1, BEAT, (0,), 0),
    "order_8_beat_12_keys": (8, BEAT, KEYS, 0),
    "order_5_beat_12_keys": (5, BEAT, KEYS, 0),
    "notes_order_3_beat_12_keys": (3, BEAT, KEYS, 4),
}
RUN = 16  # notes
SAMPLED_AT_ONCE = 100


# ------------------------------------------------------------------------------------------------ the report


def report(*, grid=None, samples=500):
    """Return the figures of all shipped checkpoints; parameters as those of the recipe's ``evaluate``."""
    material, source = _sopranos(grid)
    form, pieces = material.form, material.valid
    counted = network.counted(form, pieces)
    read, variants, seeds = {}, {}, shipped_seeds()
    for name, run in bar(SOPRANOS.items(), total=len(SOPRANOS), title="variants"):
        model, _, _ = network.load(run)
        read[name] = network.read(model, pieces, weights=name == "attention")
        nll = _nats(read[name], pieces)
        figures = likelihood.summary(nll, counted=counted)
        variants[name] = {
            "nll": figures["joint_nll"], "interval": figures["interval"], "weights": int(model.count_params()),
            "seeds": seeds.get(name, []),
        }  # fmt: skip
    best = min(variants, key=lambda name: variants[name]["nll"])
    tunes = of_run("tunes", samples=samples)
    gain = comparison.evaluate(_nats(read["attention"], pieces), _nats(read["gru"], pieces), counted=counted)
    return {
        "nll": variants[best]["nll"],
        "best": best,
        "data": source,
        "variants": variants,
        "baselines": step_baselines(form, material.train, pieces),
        "attention_against_gru": gain,
        "attention_accuracy": copy_accuracy("copy"),
        "attention": _attention(read["attention"], pieces),
        "abc": {**tunes.pop("samples"), **tunes},
    }


def shipped_seeds():
    """Return the validation NLL of each variant's seeds, 0 first, as ``compare`` found it when the checkpoints were made."""
    found = {}
    with open(shipped_folder("checkpoints", "soprano") / "variants.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["variant"], []).append(float(row["nll"]))
    return found


def _sopranos(grid):
    """Return (Material, where it is from) of the benchmark's sopranos, or of the pieces in the file `grid`."""
    try:
        material, source = data_of.prepare("jsb16"), "jsb16 valid"
    except DataError:  # the file is not here and cannot be fetched; these folds are the benchmark's
        from lab_utils.datasets import load_chorales

        form, chorales = data_of.Form("steps", repeats=False), load_chorales()
        folds = [
            [data_of.step_melody(form, chorale_pieces.piece_from_grid(one.grid)) for one in chorales.fold(fold)]
            for fold in ("train", "valid")
        ]
        material, source = data_of.Material(form, *folds), "chorales valid, repeated notes taken for long ones"
    if not grid:
        return material, source
    pieces = chorale_pieces.pieces_from_grids(read_json(grid), grid)
    valid = [data_of.step_melody(material.form, piece) for piece in pieces]
    return data_of.Material(material.form, material.train, valid), str(grid)


# ------------------------------------------------------------------------------------------------ one run


def of_run(run, *, grid=None, samples=500):
    """Return the figures of one run; parameters as those of the recipe's ``evaluate``."""
    model, form, config = network.load(run)
    if grid and form.kind != "steps":
        raise ParameterError("grid: expected a run of 16th steps to predict it with; leave it out for other runs.")
    material = data_of.prepare(config["data"])
    pieces, source = material.valid, f"{config['data']} valid"
    if grid:
        read = chorale_pieces.pieces_from_grids(read_json(grid), grid)
        pieces, source = [data_of.step_melody(form, piece) for piece in read], str(grid)
    read = network.read(model, pieces, weights=True)
    counted = network.counted(form, pieces)
    nll, right = _nats(read, pieces), [logits.argmax(axis=-1) == one["tokens"] for (logits, _), one in _both(read, pieces)]
    figures = likelihood.summary(nll, counted=counted)
    made = {
        "run": str(run),
        "data": source,
        "nll": figures["joint_nll"],
        "interval": figures["interval"],
        "perplexity": figures["perplexity"],
        "per_piece_nll": figures["per_piece_nll"],
        "pieces": len(pieces),
        "steps": figures["notes"],
        "accuracy": float(np.concatenate([r[c] for r, c in zip(right, counted, strict=True)]).mean()),
        "by_kind": likelihood.by_kind(right, _kinds(form, pieces, counted), names=_kind_names(form)),
        "calibration": _calibration(read, pieces, counted),
    }
    if form.kind == "steps":
        made["by_beat_position"] = figures["by_beat_position"]
        pitches = _pitches(read, pieces)
        rolls = [[np.arange(128) == line[:, None] for line in lines] for lines in pitches]
        made["rmse"] = {**reconstruction.pitch_rmse(*pitches), "roll": reconstruction.roll_rmse(*rolls)}
        made["baselines"] = step_baselines(form, material.train, pieces)
        if model.attention:
            made["attention"] = _attention(read, pieces)
    elif form.kind == "copy":
        made["attention_accuracy"] = copy_accuracy(run)
    else:
        notes = sum(int(form.vocabulary.is_note[one["tokens"]].sum()) for one in pieces)
        made["nll_per_note"] = float(np.concatenate(nll).sum() / notes)
        made["baselines"] = symbol_baselines(form, material.train, pieces)
        made["samples"] = judge(sample(model, form, samples), form, material)
        free = judge(sample(model, form, samples, closes=False), form, material)
        made["samples_free"] = {name: free[name] for name in ("parse", "bars_right", "ended")}
    return made


def _both(read, pieces):
    return zip(read, pieces, strict=True)


def _nats(read, pieces):
    return [likelihood.token_nll(logits, one["tokens"]) for (logits, _), one in _both(read, pieces)]


def _kind_names(form):
    return melody.KINDS if form.kind == "steps" else ("note", "other") if form.kind == "symbols" else ("token", "mark")


def _kinds(form, pieces, counted):
    """The number of each step's kind, −1 where it does not count."""
    made = []
    for one, mask in zip(pieces, counted, strict=True):
        tokens = one["tokens"]
        if form.kind == "steps":
            kinds = melody.kinds(tokens)
        else:
            kinds = 1 - form.vocabulary.is_note[tokens] if form.kind == "symbols" else tokens >= data_of.COPY_SYMBOLS
        made.append(np.where(mask, kinds, -1).astype(int))
    return made


def _calibration(read, pieces, counted):
    """Expected calibration error, confidence, overconfidence, and the table of the first choice's reliability."""
    chances = [_softmax(logits) for logits, _ in read]
    figures = calibration.evaluate(chances, [one["tokens"] for one in pieces], counted=counted)
    return {name: figures[name] for name in ("ece", "confidence", "accuracy", "overconfidence", "reliability")}


def _softmax(logits):
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _pitches(read, pieces):
    """The pitch that sounds in each step from the second on, and the one that would if the first choice were taken there."""
    true, chosen = [], []
    for (logits, _), one in _both(read, pieces):
        first, before = logits.argmax(axis=-1), one["sounding"]
        for tokens, to in ((one["tokens"], true), (first, chosen)):
            sounding = np.where(tokens == chorale.HOLD, before, tokens)
            to.append(np.where(sounding >= chorale.FIRST_PITCH, sounding - chorale.FIRST_PITCH + chorale.LOWEST, -1)[1:])
    return true, chosen


def _attention(read, pieces):
    """How often the attended step of a soprano holds the pitch that comes, over all steps and over those where it changes."""
    pitches, onsets = _pitches(read, pieces)[0], [one["tokens"][1:] >= chorale.FIRST_PITCH for one in pieces]
    whole = [np.concatenate([[_first_pitch(one)], rest]) for one, rest in zip(pieces, pitches, strict=True)]
    starts = [np.concatenate([[True], rest]) for rest in onsets]
    return attention.evaluate([weights for _, weights in read], whole, onsets=starts)


def _first_pitch(one):
    token = int(one["tokens"][0])
    return token - chorale.FIRST_PITCH + chorale.LOWEST if token >= chorale.FIRST_PITCH else -1


def copy_accuracy(run):
    """Return the attention accuracy of a network trained on the copy task, on the sequences kept for validation."""
    model, _, _ = network.load(run)
    material = data_of.prepare("copy")
    read = network.read(model, material.valid, weights=True)
    return attention.copy_accuracy([weights for _, weights in read], material.sources)


# ------------------------------------------------------------------------------------------------ baselines


def step_baselines(form, train, pieces):
    """Return the nats a step of n-gram models of 16th steps, fitted on `train`, on `pieces`."""
    fitted = {}
    for name, (order, beats, keys, lasting) in NGRAMS.items():
        model = NGram(order, chorale.VOCABULARY * (2 if form.repeats else 1), beats=beats, lasting=lasting)
        moved = [_symbols(form, one, shift) for one in train for shift in keys]
        places = [one["position"] % BEAT for one in train for _ in keys] if beats else None
        model.fit(moved, places)
        nll = [model.nll(_symbols(form, one, 0), one["position"] % BEAT if beats else None)[1:] for one in pieces]
        fitted[name] = float(np.concatenate(nll).mean())
    return fitted


def _symbols(form, one, shift):
    """What sounds in each step and, with onsets, as a symbol of its own, that it goes on: all that an n-gram knows of it."""
    tokens = chorale.transpose_sounding(one["tokens"], shift)
    sounding = chorale.sounding_from_tokens(tokens[:, None])[:, 0]
    return sounding + chorale.VOCABULARY * ((tokens == chorale.HOLD) & bool(form.repeats))


def symbol_baselines(form, train, pieces):
    """Return the nats a symbol of n-gram models of ABC symbols, fitted on `train`, on `pieces`."""
    fitted = {}
    for order in (0, 1, 2, 4):
        model = NGram(order, form.size).fit([one["tokens"] for one in train])
        fitted[f"order_{order}"] = float(np.concatenate([model.nll(one["tokens"]) for one in pieces]).mean())
    return fitted


# ------------------------------------------------------------------------------------------------ sampled tunes


def sample(model, form, count, *, seed=0, temperature=1.0, closes=True):
    """Return `count` sampled tunes, a list of int32 arrays; the model's own distribution at temperature 1."""
    made = []
    for start in bar(range(0, count, SAMPLED_AT_ONCE), title="sampling"):
        size = min(SAMPLED_AT_ONCE, count)
        batch = writing.compose(model, form, seed=seed + start, temperature=temperature, batch=size, closes=closes)
        made += batch[: count - start]
    return made


def judge(tunes, form, material):
    """Return what share of sampled `tunes` can be read, has right bars, and recites the training fold.

    Parameters
    ----------
    tunes : list of np.ndarray of int32, each shape (T,)
    form : Form
    material : Material

    Returns
    -------
    dict
        ``parse``, ``bars_right`` (every bar, of all tunes), ``ended`` (by an END), ``recite`` as
        :func:`lab_utils.evaluation.copying.evaluate` tells it, with ``beyond``; ``count``.
    """
    from lab_utils.encoding.abc_tokens import bars_right

    read = [_parses(tune, form) for tune in tunes]
    whole = []
    for tune, fine in zip(tunes, read, strict=True):
        right, every = bars_right(form.vocabulary.symbols(tune)) if fine else (0, 1)
        whole.append(fine and right == every)
    notes = [form.vocabulary.is_note]

    def only_notes(rows):
        return [row[notes[0][row]] for row in rows if notes[0][row].any()]

    train, held = ([one["tokens"] for one in fold] for fold in (material.train, material.valid))
    recited = copying.evaluate(only_notes(tunes), only_notes(held), only_notes(train), run=RUN)
    return {
        "count": len(tunes),
        "parse": float(np.mean(read)),
        "bars_right": float(np.mean(whole)),
        "ended": float(np.mean([len(tune) < writing.LONGEST_TUNE for tune in tunes])),
        "recite": recited,
    }


def _parses(tune, form):
    try:
        return len(writing.score_from_tokens(tune, form)) > 0
    except LabError:
        return False
