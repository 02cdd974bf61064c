"""Pictures of music, sound and training: piano rolls, staves, waveforms, spectrograms and curves.

The only room that imports matplotlib, verovio, resvg and Pillow; of the package it may import files (an engraver reads
MusicXML) and the floors. Every plot takes ``ax=None`` and returns the axes.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "attention": ["plot_attention", "plot_attention_staff"],
        "pianoroll": ["plot_pianoroll", "pianoroll_png"],
        "confusion": ["plot_confusion"],
        "evidence": ["plot_evidence"],
        "features": ["plot_features", "plot_densities"],
        "fifths": ["plot_fifths"],
        "grid": ["plot_grid"],
        "latent": ["plot_latent"],
        "receptive": ["plot_receptive_field"],
        "regions": ["plot_regions"],
        "sound": ["plot_waveform", "plot_spectrogram", "plot_spectrograms"],
        "staff": ["staff_png", "staff_svg", "plot_staff", "note_places"],
        "curves": ["plot_training"],
        "style": ["dress", "save_figure", "figure_bytes", "PALETTE"],
    },
)
