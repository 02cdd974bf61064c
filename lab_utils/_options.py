"""The options of the command line's verbs: what, how, and on what.

An option that is not given stays out of the result, so that defaults stand in one place, the recipe and its sizes.
"""

import argparse
import importlib.util
import os
import sys

HARDWARE = ("devices", "precision", "xla", "coordinator", "processes", "rank")


def add_what(parser, recipe):
    """Add to a parser of ``train`` what is trained; `recipe` is the help of the recipe's name."""
    parser.add_argument("recipe", metavar="RECIPE", help=recipe)
    what = parser.add_argument_group("what to train")
    what.add_argument("--size", help="tiny (seconds), lab (a minute) or full (hours) (default: lab)")
    what.add_argument("--data", metavar="NAME|FILE", help="a data set's name, or a JSON file of pieces")
    what.add_argument(
        "--variant",
        metavar="NAME",
        help="of melody: simple, gru, lstm, attention or magenta; of style: notes or spectrogram; of wavenet: notes or style",
    )
    what.add_argument("--holdout", type=int, metavar="K", help="of style: which pieces are left out, 0 to 4 (default: 0)")
    what.add_argument("--out", metavar="RUN", help="folder of the run (default: a new one under runs/)")
    what.add_argument("--seed", type=int, metavar="N", help="of the weights, the order and the dropout (default: 0)")


def add_how(parser):
    """Add to a parser of ``train`` how it is trained; each in place of what the size says."""
    how = parser.add_argument_group("how (default: as the size says)")
    how.add_argument("--epochs", type=int, metavar="N", help="stop after so many")
    how.add_argument("--optimizer", metavar="NAME", help="adam, adamw, rmsprop or sgd")
    how.add_argument("--schedule", metavar="NAME", help="of the learning rate: constant, cosine or one_cycle")
    how.add_argument("--learning-rate", type=float, metavar="X", help="the highest that the schedule reaches")
    how.add_argument("--batch", type=int, metavar="N", help="windows in a batch, of all devices together")
    how.add_argument("--patience", type=int, metavar="N", help="stop after N validations without a gain; 0: never")
    how.add_argument("--latent", type=int, metavar="N", help="of a VAE: how many latent numbers")
    how.add_argument("--beta", type=float, metavar="X", help="of a VAE: the weight of the KL divergence")
    add_watching(how)


def add_watching(group):
    """Add how a training is watched, for ``train`` and ``resume``."""
    group.add_argument("--listen", type=int, metavar="N", help="compose a short piece every N epochs, into RUN/listen")
    group.add_argument("--tensorboard", action="store_true", help="write RUN/board for TensorBoard too")


def add_on_what(parser, *, resumed=False):
    """Add what it runs on; a `resumed` run keeps its precision and XLA."""
    on = parser.add_argument_group("on what (default: one device, a GPU if there is one)")
    if not resumed:
        on.add_argument("--precision", metavar="NAME", help="float32 (default), mixed_bfloat16 or mixed_float16")
        xla = on.add_mutually_exclusive_group()
        xla.add_argument("--xla", action="store_true", help="compile training steps with XLA (default: where Keras would)")
        xla.add_argument("--no-xla", action="store_false", dest="xla", help="do not")
    on.add_argument("--devices", type=int, metavar="N", help="devices of this machine that share each batch (JAX)")
    on.add_argument("--coordinator", metavar="HOST:PORT", help="where the process of rank 0 listens, for several machines (JAX)")
    on.add_argument("--processes", type=int, metavar="N", help="how many processes train together")
    on.add_argument("--rank", type=int, metavar="I", help="which of them this is, from 0; rank 0 writes the run")


def add_measured(parser, recipe):
    """Add to a parser of ``evaluate`` what is measured, and on what; `recipe` is the help of the recipe's name."""
    parser.add_argument("recipe", metavar="RECIPE", help=recipe)
    parser.add_argument("--run", help="a trained model: a run's folder or a shipped name (default: the shipped one)")
    parser.add_argument(
        "--grid", metavar="FILE", help="JSON: a list of pieces, each a list of [S, A, T, B] frames, -1 for a rest"
    )
    parser.add_argument("--samples", type=int, metavar="N", help="how many are sampled and judged, of tunes, of a VAE or GAN")
    parser.add_argument(
        "--fold", metavar="NAME", help="of vae and the algorithms: valid (default) or test; of spectrogram_vae: valid or train"
    )
    parser.add_argument("--table", action="store_true", default=False, help="print a table in place of JSON")


def add_checked(parser):
    """Add to a parser of ``check`` what is checked."""
    parser.add_argument("name", metavar="NAME", help="the assignment, such as neural_network; a wrong name lists them all")
    parser.add_argument("--notebook", metavar="FILE", help="your notebook (default: NAME.ipynb here, else the released one)")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long a cell may run (default: 60)")
    _add_course(parser)


def add_classroom(whats):
    """Add to the subparsers of ``classroom`` what a teacher does."""

    def what(name, summary):
        made = whats.add_parser(name, help=summary, description=summary, allow_abbrev=False, argument_default=argparse.SUPPRESS)
        _add_course(made)
        return made

    release = what("release", "write what students get: no solution, no hidden test")
    release.add_argument("names", metavar="NAME", nargs="*", default=[], help="assignments (default: all)")
    release.add_argument("--force", action="store_true", help="also over a release version in which somebody has worked")
    collect = what("collect", "bring what was downloaded to submitted/STUDENT/NAME/NAME.ipynb")
    collect.add_argument("name", metavar="NAME", help="the assignment")
    collect.add_argument("downloaded", metavar="FOLDER|ZIP", help="what the learning platform gave")
    collect.add_argument("--force", action="store_true", help="a second hand-in replaces the first")
    grade = what("grade", "run every submission, write feedback and grades.csv")
    grade.add_argument("name", metavar="NAME", help="the assignment")
    grade.add_argument("--student", metavar="ID", help="one alone (default: all who handed in)")


def _add_course(parser):
    parser.add_argument("--course", metavar="FOLDER", help="the course's folder (default: notebooks/assignments)")


def add_generated(parser, recipe):
    """Add to a parser of ``generate`` what is made, and out of what; `recipe` is the help of the recipe's name."""
    parser.add_argument("recipe", metavar="RECIPE", help=recipe)
    parser.add_argument("--run", help="a trained model: a run's folder or a shipped name (default: the shipped one)")
    parser.add_argument("--seed", type=int, metavar="N", help="the same number gives the same piece (default: 0)")
    parser.add_argument(
        "--style", metavar="NAME", help="of style, spectrogram_vae, wavenet: madrigal, chorale, quartet, salon or tune"
    )
    parser.add_argument("--bars", type=int, metavar="N", help="length of the piece")
    parser.add_argument("--midi", metavar="FILE", help="of wavenet, beam: the score whose highest voice is played, or harmonised")
    parser.add_argument("--seconds", type=float, metavar="X", help="of wavenet: length of the sound, or so much of the score")
    parser.add_argument(
        "--prompt", metavar="FILE", help="a sound: of pipeline, to be answered; of wavenet, to be gone on from, in a style"
    )
    parser.add_argument("--sample-rate", type=int, metavar="HZ", help="of wavenet: of the sound that is written")
    parser.add_argument("--temperature", type=float, metavar="T", help="under 1 plays safe, over 1 dares more")
    parser.add_argument("--out", metavar="DIR", help="folder for the files (default: out)")


def add_transferred(parser):
    """Add to a parser of ``transfer`` what is transferred, and to what."""
    parser.add_argument("file", metavar="FILE", help="MIDI, MusicXML or ABC: a melody, or several voices")
    parser.add_argument("--to", metavar="STYLE", required=True, help="hymn or dance")
    parser.add_argument("--out", metavar="DIR", help="folder for the files (default: out)")
    parser.add_argument("--alone", action="store_true", help="write the line on top alone, without the voices below it")
    parser.add_argument("--run", help="a trained CycleGAN: a run's folder or a shipped name (default: the shipped one)")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 takes the likeliest notes (default), over 0 dares more")
    parser.add_argument("--seed", type=int, metavar="N", help="of the chance that a temperature over 0 lets in (default: 0)")


def add_comparison(parser):
    """Add to a parser of ``compare`` what is compared."""
    parser.add_argument("recipe", metavar="RECIPE", help="melody, or style, where it holds out each piece once")
    parser.add_argument("--variants", metavar="A,B", help="which, by commas (default: all)")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds, from 0 up (default: 3; of style 1)")
    parser.add_argument("--data", metavar="NAME|FILE", help="a data set's name, or a JSON file of pieces")
    parser.add_argument("--size", help="tiny, lab or full (default: full)")
    parser.add_argument("--epochs", type=int, metavar="N", help="stop each after so many (default: as the size says)")
    parser.add_argument("--out", metavar="DIR", help="folder for the runs; what is there is not trained again")


def with_hardware(given):
    """Return the options `given` (dict) with those of the hardware, if there are any, made into one ``hardware``."""
    wished = {name: value for name, value in given.items() if name in HARDWARE}
    rest = {name: value for name, value in given.items() if name not in HARDWARE}
    if wished:
        from lab_utils.training import Hardware  # loads Keras

        rest["hardware"] = Hardware(**wished)
    return rest


def prefer_speed(backend=None):
    """Choose what a training of the command line runs on, by the environment's variables; one that is set stays.

    JAX where it is installed, for it trains faster (`make bench`), else TensorFlow; with oneDNN in TensorFlow, which
    :mod:`lab_utils.backend` leaves out everywhere else, for its sums differ between processors.

    Parameters
    ----------
    backend : str, optional
        Of a run to go on with: the one that it was begun on.
    """
    if "keras" in sys.modules:  # too late
        return
    os.environ.setdefault("KERAS_BACKEND", backend or ("jax" if importlib.util.find_spec("jax") else "tensorflow"))
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
