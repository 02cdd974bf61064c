"""Measures of models: numpy only. Each file checks its input, computes, and offers one ``evaluate()``."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["likelihood", "ngram"],
    submod_attrs={"likelihood": ["Baselines", "evaluate", "summary", "token_nll"], "ngram": ["NGram"]},
)
