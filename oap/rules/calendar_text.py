"""Buckets as people read and write them."""

from oap.timebucket import Precision, precision_of


def bucket_text(bucket: int) -> str:
    """``2024-05-01 12:34``, ``2024-05-01 12h`` or ``2024-05-01``."""
    text = str(bucket)
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    precision = precision_of(bucket)
    if precision is Precision.DAY:
        return day
    return f"{day} {text[8:10]}h" if precision is Precision.HOUR else f"{day} {text[8:10]}:{text[10:12]}"
