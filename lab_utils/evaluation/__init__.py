"""Measures of models, and simple rivals to set beside them: numpy only, and nothing from other rooms.

Each file of a measure checks its input, computes, and offers one ``evaluate()``; ``baselines`` holds the rivals of a chorale's
network, and the room ``densities`` further ones. What stands on this face without a module's name speaks of likelihood.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "attention",
        "baselines",
        "calibration",
        "comparison",
        "copying",
        "likelihood",
        "listening",
        "modality",
        "morph",
        "nearest",
        "occlusion",
        "overlap",
        "phrase_features",
        "phrases",
        "piece",
        "reconstruction",
        "sound",
        "style",
        "tonal",
        "transcription",
        "transfer",
    ],
    submod_attrs={
        "attention": ["copy_accuracy", "copy_task"],
        "baselines": ["Baselines"],
        "likelihood": ["by_kind", "evaluate", "perplexity", "summary", "token_nll"],
    },
)
