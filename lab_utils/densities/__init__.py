"""Densities that can be seen whole: models of probability that are fitted by counting or in a few steps, with no network.

Each has ``fit(x)``, which returns itself, ``log_likelihood(x)`` in nats and ``sample(count, seed=…)``, and is normalised: its
probabilities sum, or its density integrates, to one. They are the plainest generative models, and the rivals of the others.
A room of numpy only, which imports nothing from other rooms.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["bernoulli", "gaussian", "linear", "linear_adaptive", "markov", "mixture", "ngram", "pca", "residual", "rhythm"],
    submod_attrs={
        "bernoulli": ["BernoulliRoll"],
        "gaussian": ["Gaussian"],
        "linear": ["LinearPrediction"],
        "linear_adaptive": ["AdaptiveLinearPrediction"],
        "markov": ["MarkovChain"],
        "mixture": ["GaussianMixture"],
        "ngram": ["NGram"],
        "pca": ["PCA"],
        "rhythm": ["Rhythm"],
    },
)
