import re

from oap.telemetry.catalogue import CATALOGUE, Definition, Kind


def test_every_name_is_unique_and_valid() -> None:
    names = [definition.name for definition in CATALOGUE]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z_][a-z0-9_]*", name)] == []


def test_upstream_names_are_kept() -> None:
    assert {(found.name, found.kind.value, found.labels) for found in CATALOGUE if found.upstream} == {
        ("k8s_als_in_count", "counter", ()),
        ("k8s_als_drop_count", "counter", ()),
        ("k8s_als_error_streams", "counter", ()),
        ("k8s_als_in_latency", "histogram", ()),
        ("watermark_circuit_breaker_break_count", "counter", ("listener", "event")),
        ("watermark_circuit_breaker_recover_count", "counter", ("listener",)),
    }


def test_own_names_have_the_prefix_and_counters_their_suffix() -> None:
    own = [found for found in CATALOGUE if not found.upstream and not found.name.startswith("process_")]
    assert [found.name for found in own if not found.name.startswith("oap_")] == []
    assert [found.name for found in own if (found.kind is Kind.COUNTER) != found.name.endswith("_total")] == []


def test_every_definition_is_complete() -> None:
    def is_complete(found: Definition) -> bool:
        has_buckets = bool(found.buckets) == (found.kind is Kind.HISTOGRAM)
        return has_buckets and found.help.endswith(".") and list(found.buckets) == sorted(set(found.buckets))

    assert [found.name for found in CATALOGUE if not is_complete(found)] == []
