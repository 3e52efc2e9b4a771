"""Rules for tests of the query side: the shipped ones, reloads that tests make up, a refusal with a real finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from oal.compiler import compile_rules
from oal.diagnostic import records, render_all
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog
from oap.reload.event import Changes, Outcome, ReloadEvent

SHIPPED = Path(__file__).parents[3] / "config/oal"

NEW_RULE = (
    'my_slow_calls_cpm = from(K8SService.*).filter(type == "protocol").filter(protocol.http.latency > 500).cpm();'
)
BAD_RULE = "\tslow_cpm = from(K8SService.*).filter(protocol.http.latencie > 500).cpm();"


@dataclass
class Rules:
    """Rules that tests change by hand."""

    plan: Plan
    started: dict[str, int] = field(default_factory=dict)
    events: list[ReloadEvent] = field(default_factory=list)
    refusal: ReloadEvent | None = None


@cache
def shipped_plan() -> Plan:
    """The plan of the rules that ship."""
    return _compiled([(str(file), file.read_text(encoding="utf-8")) for file in sorted(SHIPPED.glob("*.oal"))])


def compiled(*texts: str) -> Plan:
    """The plan of rules in one file."""
    return _compiled([("config/oal/ebpf.oal", "\n".join(texts))])


def _compiled(sources: Sequence[tuple[str, str]]) -> Plan:
    plan = compile_rules(sources, k8s_catalog()).plan
    assert plan is not None
    return plan


def refused() -> ReloadEvent:
    """A reload at 12:30:20 that found a misspelt attribute."""
    sources = {"ebpf.oal": f"// one line\n{BAD_RULE}\n"}
    findings = compile_rules(list(sources.items()), k8s_catalog()).diagnostics
    return ReloadEvent(
        at_s=1767270620.0,
        cause="file ebpf.oal",
        outcome=Outcome.REFUSED,
        seconds=0.41,
        report=render_all(findings, sources),
        findings=records(findings, sources),
    )


def applied() -> ReloadEvent:
    """A reload at 12:30:30 that added one metric and laid another out anew."""
    return ReloadEvent(
        at_s=1767270630.0,
        cause="signal SIGHUP",
        outcome=Outcome.APPLIED,
        seconds=0.524,
        changes=Changes(added=("my_slow_calls_cpm",), rewritten=("kubernetes_service_write_cpm",)),
        starts=202601011231,
    )
