import math
from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from oap.telemetry import catalogue
from oap.telemetry.catalogue import CATALOGUE, Definition, Kind
from oap.telemetry.exposition import Exposition
from oap.telemetry.meters import HistogramMeter, Meter, MeterError, Reading

DROPPED = Definition("x_dropped_total", Kind.COUNTER, "logs", "Back\\slash\nline.", ("reason",))
SIZE = Definition("x_size", Kind.GAUGE, "bytes", "Size.")
LATENCY = Definition("x_latency", Kind.HISTOGRAM, "seconds", "Latency.", (), (0.1, 1.0), upstream=True)


class Source:
    def __init__(self, *readings: Reading) -> None:
        self._readings = readings

    def meters(self) -> Iterable[Reading]:
        return self._readings


def exposition(*readings: Reading, definitions: Iterable[Definition] = (DROPPED, SIZE, LATENCY)) -> Exposition:
    made = Exposition("host_11800", definitions)
    made.register(Source(*readings))
    return made


def test_readings_are_written_in_the_text_format() -> None:
    made = exposition(
        HistogramMeter(LATENCY, (2, 1, 3), 7.5),
        Meter(DROPPED, 3, ('say "no"\\\n',)),
        Meter(SIZE, 1.5),
        Meter(DROPPED, 4, ("late",)),
    )
    assert made.render() == (
        "# HELP x_dropped_total Back\\\\slash\\nline.\n"
        "# TYPE x_dropped_total counter\n"
        'x_dropped_total{reason="say \\"no\\"\\\\\\n"} 3\n'
        'x_dropped_total{reason="late"} 4\n'
        "# HELP x_size Size.\n"
        "# TYPE x_size gauge\n"
        "x_size 1.5\n"
        "# HELP x_latency Latency.\n"
        "# TYPE x_latency histogram\n"
        'x_latency_bucket{sw_backend_instance="host_11800",le="0.1"} 2\n'
        'x_latency_bucket{sw_backend_instance="host_11800",le="1.0"} 3\n'
        'x_latency_bucket{sw_backend_instance="host_11800",le="+Inf"} 6\n'
        'x_latency_sum{sw_backend_instance="host_11800"} 7.5\n'
        'x_latency_count{sw_backend_instance="host_11800"} 6\n'
    )


def test_a_prometheus_parser_reads_the_same_values_back() -> None:
    text = exposition(
        Meter(DROPPED, 2**53, ('a"b\\c\nd',)), Meter(SIZE, math.inf), HistogramMeter(LATENCY, (0, 1, 0), 0.5)
    ).render()
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    instance = ("sw_backend_instance", "host_11800")
    assert samples == {
        ("x_dropped_total", (("reason", 'a"b\\c\nd'),)): 2.0**53,
        ("x_size", ()): math.inf,
        ("x_latency_bucket", (("le", "0.1"), instance)): 0.0,
        ("x_latency_bucket", (("le", "1.0"), instance)): 1.0,
        ("x_latency_bucket", (("le", "+Inf"), instance)): 1.0,
        ("x_latency_sum", (instance,)): 0.5,
        ("x_latency_count", (instance,)): 1.0,
    }


def test_upstream_counters_have_no_suffix() -> None:
    text = exposition(Meter(catalogue.ALS_IN, 5), definitions=CATALOGUE).render()
    assert '# TYPE k8s_als_in_count counter\nk8s_als_in_count{sw_backend_instance="host_11800"} 5\n' in text


def test_exactly_the_catalogue_is_exposed() -> None:
    text = Exposition("host_11800").render()
    typed = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert typed == [definition.name for definition in CATALOGUE]


def test_names_without_a_reading_are_known() -> None:
    assert exposition(Meter(SIZE, 1)).unreported() == {"x_dropped_total", "x_latency"}


def test_a_reading_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(MeterError, match="oap_routes is not in the catalogue"):
        exposition(Meter(catalogue.ROUTES, 1)).render()


def test_two_sources_with_the_same_series_are_refused() -> None:
    made = exposition(Meter(SIZE, 1))
    made.register(Source(Meter(SIZE, 2)))
    with pytest.raises(MeterError, match=r"x_size \(\) is reported twice"):
        made.render()
