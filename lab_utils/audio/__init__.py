"""Sound: Scores played by a synthesizer, sound as spectrograms and back, values moved to [-1, 1] and back.

Samples are float32 in [-1, 1], shape (samples,), always beside their rate in Hz; spectrograms are float32, shape (frames, bins).
May import the floors (score, errors, storage, progress) and ``files``, whose MIDI bytes the embedded synthesizer plays;
librosa, soxr, fluidsynth and midirenderer are imported here alone.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "synth": ["synthesize", "engines", "soundfont_path"],
        "samples": ["resample", "Resampler"],
        "spectrogram": ["Transform"],
        "scaling": ["Scaler"],
        "mulaw": ["encode", "decode"],
        "pitch": ["find_pitches"],
        "streaming": ["StreamingSTFT"],
        "notes": ["Heard", "NoteTracker", "find_notes"],
        "tempo": ["find_tempo", "heard_from_score", "score_from_heard"],
        "tones": ["Instrument"],
    },
)
