"""Networks: Keras layers and ``keras.ops`` only, for both backends. Imports no data, no files, no pictures."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["attention", "chorale_rnn", "gan", "latent", "layers", "melody_rnn", "melody_sampler", "tokens", "vae"],
    submod_attrs={
        "attention": ["PastAttention"],
        "chorale_rnn": ["ChoraleRNN", "ChoraleSampler"],
        "gan": ["Adversaries", "BatchSpread", "SpectralBound"],
        "latent": ["GaussianLatent", "kl_divergence"],
        "layers": ["GRU", "LSTM", "Dropout"],
        "melody_rnn": ["MelodyRNN"],
        "melody_sampler": ["MelodySampler", "StepRule", "TuneRule"],
        "roll_gan": ["RollCritic", "RollGAN", "RollGenerator"],
        "vae": ["NoteVAE"],
    },
)
