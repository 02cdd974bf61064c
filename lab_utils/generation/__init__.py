"""Generation: search and sampling over functions that are handed in; knows no network and no Keras."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "attributes",
        "beam",
        "constraints",
        "latent",
        "lookahead",
        "rejection",
        "pipeline",
        "rivals",
        "sampling",
        "steering",
        "swarm",
        "viterbi",
        "voices",
        "wishes",
    ],
    submod_attrs={
        "attributes": ["attribute_vector", "climb", "local_vectors", "move"],
        "beam": ["Found", "beam_search"],
        "constraints": ["Alphabet"],
        "lookahead": ["Constraints"],
        "latent": ["Way", "even_stops", "interpolate", "lerp", "prior", "slerp"],
        "_budget": ["Best", "Flight"],
        "pipeline": ["Dialogue"],
        "rivals": ["exhaustive", "hill_climb", "random_search"],
        "sampling": ["noise", "pick", "probabilities", "sample"],
        "steering": ["Steered", "steer"],
        "swarm": ["binary_swarm", "continuous_swarm"],
    },
)
