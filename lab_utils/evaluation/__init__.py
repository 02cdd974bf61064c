"""Measures of models: numpy only. Each file checks its input, computes, and offers one ``evaluate()``."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["attention", "baselines", "calibration", "comparison", "copying", "likelihood", "ngram", "reconstruction"],
    submod_attrs={
        "baselines": ["Baselines"],
        "likelihood": ["by_kind", "evaluate", "perplexity", "summary", "token_nll"],
        "ngram": ["NGram"],
    },
)
