"""Readings of the process itself: build, processor time, memory, files."""

import platform
from collections.abc import Iterator
from typing import Final

from prometheus_client import ProcessCollector

from oap.telemetry import catalogue
from oap.telemetry.meters import Meter

_REPORTED: Final = {
    definition.name: definition
    for definition in (
        catalogue.PROCESS_CPU,
        catalogue.PROCESS_MEMORY,
        catalogue.PROCESS_OPEN_FILES,
        catalogue.PROCESS_MAX_FILES,
        catalogue.PROCESS_START,
    )
}


class ProcessMeters:
    """A meter source over what the kernel tells about this process; outside Linux only the build is known."""

    def __init__(self, version: str) -> None:
        self._build = Meter(catalogue.BUILD_INFO, 1, (version, platform.python_version()))
        self._collector = ProcessCollector(registry=None)

    def meters(self) -> Iterator[Meter]:
        yield self._build
        for family in self._collector.collect():
            for sample in family.samples:
                if sample.name in _REPORTED:
                    yield Meter(_REPORTED[sample.name], sample.value)
