"""The data sets by name: what ships with the course, what is fetched, and how each is prepared.

``load_NAME`` returns a data set; :mod:`~lab_utils.datasets.catalogue` lists them all, shows their cards and makes them ready
(``catalogue.prepare(name)``; :mod:`~lab_utils.datasets.prepare` itself turns any scores into labelled spectrograms).
May import files, audio, encoding and the floors below (score, errors, storage, progress).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["catalogue"],
    submod_attrs={
        "catalogue": ["Entry", "card", "entry", "names"],
        "chorale_piece": ["Chorale"],
        "chorales": ["Chorales", "build_chorales", "load_chorales", "write_chorales"],
        "jsb16": ["jsb16_at_hand", "load_jsb16"],
        "prepare": ["prepare_stave275"],
        "prepared": ["Prepared", "load_prepared"],
        "split": ["check_split", "find_leaks", "split_by_group"],
        "stave275": ["Bar", "Piece", "load_stave275"],
        "tune": ["Tune"],
        "tunes": ["Tunes", "build_tunes", "load_tunes"],
    },
)
