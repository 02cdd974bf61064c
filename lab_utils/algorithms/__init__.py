"""Algorithms: how a trained model becomes music. One file for each, with the verbs evaluate and generate.

The search itself stands in :mod:`lab_utils.generation`, over functions that are handed in; here it meets the trained networks of
the recipes. This room may import the recipes and every room below them; the command line, the widgets and the notebooks use it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=["beam", "latent", "pipeline", "swarm"])
