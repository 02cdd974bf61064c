"""Training: runs that survive, checkpoints, batches. Knows Keras and files, nothing of music."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["callbacks", "checkpoint", "collapse", "device", "examples", "optimisers", "run", "windows"],
    submod_attrs={
        "checkpoint": ["load_variables", "save_variables"],
        "collapse": ["CollapseWatch", "posterior_watch"],
        "device": ["Hardware", "compiled", "describe", "prepared"],
        "examples": ["Examples", "Unpaired"],
        "optimisers": ["make_optimizer"],
        "run": ["Run", "fit"],
        "windows": ["Windows"],
    },
)
