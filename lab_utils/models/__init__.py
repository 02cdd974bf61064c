"""Networks: Keras layers and ``keras.ops`` only, for both backends. Imports no data, no files, no pictures."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submodules=["chorale_rnn"], submod_attrs={"chorale_rnn": ["ChoraleRNN", "ChoraleSampler"]}
)
