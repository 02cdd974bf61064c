"""Networks: Keras layers and ``keras.ops`` only, for both backends. Imports no data, no files, no pictures."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "attention",
        "classifier",
        "chorale_rnn",
        "cyclegan",
        "gan",
        "latent",
        "layers",
        "melody_rnn",
        "melody_sampler",
        "points",
        "spectrogram_vae",
        "tokens",
        "vae",
        "wavenet",
        "wavenet_sampler",
    ],
    submod_attrs={
        "attention": ["PastAttention"],
        "classifier": ["Classifier"],
        "chorale_rnn": ["ChoraleRNN", "ChoraleSampler"],
        "cyclegan": ["CycleGAN", "PatchCritic", "Translator"],
        "gan": ["Adversaries", "BatchSpread", "SpectralBound"],
        "latent": ["GaussianLatent", "kl_divergence"],
        "layers": ["GRU", "LSTM", "Dropout"],
        "melody_rnn": ["MelodyRNN"],
        "melody_sampler": ["MelodySampler", "StepRule", "TuneRule"],
        "points": ["PointVAE", "point_adversaries", "point_classifier"],
        "roll_gan": ["RollCritic", "RollGAN", "RollGenerator"],
        "spectrogram_vae": ["SpectrogramVAE"],
        "vae": ["NoteVAE"],
        "wavenet": ["WaveNet"],
        "wavenet_sampler": ["WaveNetSampler"],
    },
)
