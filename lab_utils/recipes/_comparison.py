"""What the verbs ``compare`` share: which runs are wanted, each trained or gone on with, and the table of all their rows."""

import csv
import io

from lab_utils.errors import ParameterError
from lab_utils.storage import write_bytes


def wanted(variants, seeds):
    """Return `variants`, a list or a str with commas, as a list, if there is at least one of them and of `seeds` (int)."""
    variants = variants.split(",") if isinstance(variants, str) else list(variants)
    if seeds < 1 or not variants:
        raise ParameterError(f"variants, seeds: expected at least one of each, received {variants}, {seeds}.")
    return variants


def trained(train, resume, folder, *, progress, **settings):
    """Train in `folder`, or go on there if a training was begun, and return the folder."""
    if (folder / "config.json").exists():
        return resume(folder, progress=progress)
    return train(out=folder, progress=progress, **settings)


def write_table(rows, columns, path):
    """Write rows, a list of dict with these columns, as CSV; after each row, for a comparison takes hours."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(text.getvalue().encode(), path)
