"""Recipes: one file for each trained model, with the same five verbs, prepare → build → train → evaluate → generate.

They may import every room below them; nothing but the command line, the widgets and the notebooks imports them.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submodules=["chorale", "cyclegan", "gan", "judge", "melody", "spectrogram_vae", "vae"]
)
