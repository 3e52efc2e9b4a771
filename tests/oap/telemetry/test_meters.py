import pytest

from oap.telemetry import catalogue
from oap.telemetry.catalogue import Definition, Kind
from oap.telemetry.meters import Histogram, HistogramMeter, Meter, MeterError

SECONDS = Definition("x_seconds", Kind.HISTOGRAM, "seconds", "Help.", ("part",), (0.1, 1.0))


def test_a_histogram_sorts_observations_by_upper_bound() -> None:
    histogram = Histogram(SECONDS, ("read",))
    for value in (0.05, 0.1, 0.5, 1.0, 2.0):
        histogram.observe(value)
    histogram.observe(0.25, times=4)
    assert histogram.meter() == HistogramMeter(SECONDS, (2, 6, 1), 4.65, ("read",))


def test_a_meter_needs_a_value_for_each_label() -> None:
    with pytest.raises(MeterError, match="oap_logs_dropped_total has labels"):
        Meter(catalogue.LOGS_DROPPED, 1)


def test_a_histogram_is_not_reported_as_one_number() -> None:
    with pytest.raises(MeterError, match="x_seconds is a histogram"):
        Meter(SECONDS, 1, ("read",))


def test_a_histogram_needs_a_definition_with_buckets() -> None:
    with pytest.raises(MeterError, match="oap_routes is no histogram"):
        Histogram(catalogue.ROUTES)
