import numpy as np

from oap.window.late_rows import KEPT_MINUTES, OPERATION_BITS, LateRows


def _notes(*rows: tuple[int, int]) -> np.ndarray:
    return np.array([minute << OPERATION_BITS | operation for minute, operation in rows], dtype=np.int64)


def test_rows_add_up_by_minute_and_operation() -> None:
    late = LateRows()
    late.add(_notes((100, 5), (100, 0), (100, 5), (101, 5)))
    late.add(_notes((100, 5)))
    assert [late.of(100, operation) for operation in range(6)] == [1, 0, 0, 0, 0, 3]
    assert (late.of(101, 5), late.of(102, 5)) == (1, 0)


def test_old_minutes_make_room_for_newer_ones() -> None:
    late = LateRows()
    late.add(_notes(*((minute, 1) for minute in range(KEPT_MINUTES + 2))))
    assert [late.of(minute, 1) for minute in (0, 1, 2, KEPT_MINUTES + 1)] == [0, 0, 1, 1]
    late.add(_notes((1, 1)))
    assert (late.of(1, 1), late.of(2, 1)) == (0, 1)
