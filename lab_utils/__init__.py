"""The package behind the course "Generating music with deep learning".

Importing it loads nothing heavy: each room loads what it needs when it is first used.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "audio", "datasets", "densities", "encoding", "evaluation", "files", "generation", "models", "plots", "recipes",
        "training", "widgets",
    ],
    submod_attrs={"score": ["Score", "note_array"], "errors": ["LabError", "DataError", "ParameterError", "MissingToolError"]},
)  # fmt: skip
