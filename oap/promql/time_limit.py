"""Work in a thread whose reads are stopped when it takes too long."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

from oap.storage.read_limit import ReadLimit, limited_by

T = TypeVar("T")

_AGAIN_S: Final = 0.05


async def within(seconds: float, work: Callable[[], T]) -> T:
    """Result of the work. Its reads raise ReadStopped once the time is over; what computes is not interrupted."""
    limit = ReadLimit(seconds)
    job = asyncio.ensure_future(run_in_threadpool(_limited, work, limit))
    await asyncio.wait({job}, timeout=seconds)
    while not job.done():
        # A read that is just beginning may miss it once.
        await run_in_threadpool(limit.stop)
        await asyncio.wait({job}, timeout=_AGAIN_S)
    return job.result()


def _limited(work: Callable[[], T], limit: ReadLimit) -> T:
    with limited_by(limit):
        return work()
