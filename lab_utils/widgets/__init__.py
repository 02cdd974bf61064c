"""What is heard and moves in a notebook: the player, and sliders and buttons round the rest.

The top room: it may import every other one, and none imports it; IPython and ipywidgets are imported here alone.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "bars": ["browse_bars"],
        "choices": ["explore_choices"],
        "composer": ["compose_chorales"],
        "fifths": ["explore_fifths"],
        "latent": ["explore_latent"],
        "listening": ["listening_test"],
        "live": ["live_dialogue"],
        "pad": ["latent_pad"],
        "pins": ["pin_roll"],
        "player": ["play", "gallery", "Player"],
        "receptive": ["explore_receptive_field"],
        "scores": ["explore_scores"],
        "trials": ["explore_trials"],
        "windows": ["explore_windows"],
    },
)
