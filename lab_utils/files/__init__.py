"""Files: every reader turns a file into a :class:`~lab_utils.score.Score` or into samples, and its writer stands beside it.

:func:`read` and :func:`write` choose the format by the suffix. The room owns music21, symusic and soundfile (the data
sets use music21's corpus too) and imports nothing of the package but the floors ``score``, ``errors`` and ``storage``.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["abc", "midi", "musicxml", "sound", "suffix"],
    submod_attrs={
        "abc": ["from_abc", "read_abc", "read_abc_book", "to_abc", "write_abc"],
        "midi": ["read_midi", "to_midi_bytes", "write_midi"],
        "musicxml": ["from_music21", "read_musicxml", "to_musicxml", "write_musicxml"],
        "sound": ["count_channels", "read_sound", "to_mp3_bytes", "write_sound"],
        "suffix": ["read", "write"],
    },
)
