"""Readings of all components in the Prometheus text format.

Written here and not by prometheus_client: that one appends ``_total`` to every counter, and the names that dashboards
of Apache SkyWalking ask for have no such suffix (spec receiver-protocol 4.4). OpenMetrics demands the suffix, so it
is not offered; scrapers fall back to the text format by themselves.
"""

import math
from collections.abc import Iterable, Iterator

from oap.telemetry.catalogue import CATALOGUE, Definition
from oap.telemetry.meters import HistogramMeter, Meter, MeterError, MeterSource, Reading

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """Asks all registered sources and writes down what they say.

    ``backend_instance`` becomes the label ``sw_backend_instance`` of upstream's metrics: ``host_port`` of gRPC.
    """

    def __init__(self, backend_instance: str, definitions: Iterable[Definition] = CATALOGUE) -> None:
        self._backend_instance = backend_instance
        self._definitions = {definition.name: definition for definition in definitions}
        self._sources: list[MeterSource] = []

    def register(self, source: MeterSource) -> None:
        """Add a source. To be done before the first scrape."""
        self._sources.append(source)

    def render(self) -> str:
        """All metrics of the catalogue in its order, those without a reading with their help only.

        Raises MeterError when a source reports something outside the catalogue or two sources report the same series.
        """
        readings = self._readings()
        lines: list[str] = []
        for definition in self._definitions.values():
            lines.append(f"# HELP {definition.name} {_escaped_help(definition.help)}")
            lines.append(f"# TYPE {definition.name} {definition.kind}")
            for reading in readings[definition.name].values():
                lines.extend(self._sample_lines(reading))
        return "\n".join(lines) + "\n"

    def unreported(self) -> frozenset[str]:
        """Names of the catalogue that no source reports at this moment."""
        return frozenset(name for name, found in self._readings().items() if not found)

    def _readings(self) -> dict[str, dict[tuple[str, ...], Reading]]:
        found: dict[str, dict[tuple[str, ...], Reading]] = {name: {} for name in self._definitions}
        for source in self._sources:
            for reading in source.meters():
                name = reading.definition.name
                if name not in found:
                    raise MeterError(f"{name} is not in the catalogue")
                if reading.labels in found[name]:
                    raise MeterError(f"{name} {reading.labels} is reported twice")
                found[name][reading.labels] = reading
        return found

    def _sample_lines(self, reading: Reading) -> Iterator[str]:
        definition = reading.definition
        labels = dict(zip(definition.labels, reading.labels, strict=True))
        if definition.upstream:
            labels["sw_backend_instance"] = self._backend_instance
        if isinstance(reading, Meter):
            yield _sample(definition.name, labels, reading.value)
        else:
            yield from _histogram_lines(reading, labels)


def _histogram_lines(reading: HistogramMeter, labels: dict[str, str]) -> Iterator[str]:
    name = reading.definition.name
    total = 0
    for bound, count in zip((*reading.definition.buckets, math.inf), reading.counts, strict=True):
        total += count
        yield _sample(f"{name}_bucket", labels | {"le": _number(bound)}, total)
    yield _sample(f"{name}_sum", labels, reading.sum)
    yield _sample(f"{name}_count", labels, total)


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    pairs = ",".join(f'{label}="{_escaped_label(text)}"' for label, text in labels.items())
    return f"{name}{{{pairs}}} {_number(value)}" if pairs else f"{name} {_number(value)}"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _escaped_label(text: str) -> str:
    return _escaped_help(text).replace('"', r"\"")
