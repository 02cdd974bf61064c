"""The data sets by name: what ships with the course, what is fetched, and how each is prepared.

``load_NAME`` returns a data set, :func:`prepare` makes what has to be made first, :func:`card` tells where it comes from.
May import files, audio, encoding and the floors below (score, errors, storage, progress).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "chorale_piece": ["Chorale"],
        "chorales": ["Chorales", "build_chorales", "load_chorales", "write_chorales"],
    },
)
