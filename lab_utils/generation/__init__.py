"""Generation: search and sampling over functions that are handed in; knows no network and no Keras."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["sampling", "steering"],
    submod_attrs={"sampling": ["noise", "pick", "probabilities", "sample"], "steering": ["Steered", "steer"]},
)
