"""Encodings: a Score, or a tune as text, as the arrays that networks read, and back. Imports numpy alone."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["abc_bars", "abc_symbols", "abc_tokens", "abc_vocabulary", "bars", "chorale", "fifths", "melody", "pianoroll"],
    submod_attrs={
        "abc_tokens": ["Vocabulary", "abc_from_symbols", "bars_right", "symbols_from_abc"],
        "bars": ["BAR_FEATURES", "bar_features", "bar_roll", "score_from_bar_roll"],
        "chorale": ["chorale_from_score", "score_from_chorale", "tokens_from_grid", "grid_from_tokens"],
        "fifths": ["fifths_point", "pitch_classes_at", "score_at"],
        "melody": ["line_from_score", "score_from_line", "tokens_from_line", "line_from_tokens"],
        "pianoroll": ["roll_from_score", "score_from_roll"],
    },
)
