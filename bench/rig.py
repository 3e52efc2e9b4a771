"""The pipeline that all parts run: shipped rules, default settings, and a cluster in which no address resolves."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.corpus import START_S
from bench.inputs import Corpus
from oal.compiler import compile_rules
from oal.plan import Plan
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.registries import FirstKnown
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.window.placement import TimeBounds

NOW_S = float(START_S + 60)
"""What the clock shows: the corpus lies in the minute before."""

APDEX_THRESHOLD_MS = 500
CONNECTION_LIMIT = 200_000
_RULES = Path(__file__).parents[1] / "config" / "oal" / "ebpf.oal"


@cache
def shipped_plan() -> Plan:
    """The 296 shipped rules, compiled."""
    plan = compile_rules([(_RULES.name, _RULES.read_text(encoding="utf-8"))], k8s_catalog()).plan
    if plan is None:
        raise AssertionError("the shipped rules do not compile")
    return plan


def threshold(_service: str) -> int:
    """Apdex threshold of every service, in ms."""
    return APDEX_THRESHOLD_MS


def new_pipeline(connection_limit: int = CONNECTION_LIMIT) -> Pipeline:
    """A pipeline that has seen nothing and remembers so many connections."""
    settings = PipelineSettings(TimeBounds(ZoneInfo("UTC")), connection_limit=connection_limit)
    return Pipeline(shipped_plan(), k8s_catalog(), FirstKnown(()), EndpointNames(), threshold, settings)


def fold(pipeline: Pipeline, corpus: Corpus) -> Pipeline:
    """Fold a whole corpus."""
    for block in corpus.blocks():
        pipeline.accept(block, NOW_S)
    return pipeline


def input_facts(corpus: Corpus) -> Mapping[str, float | str]:
    """Shape of a corpus, to be printed beside every number measured with it. Connections are counted without ports."""
    pipeline = fold(new_pipeline(), corpus)
    return {
        "corpus": corpus.name,
        "messages": len(corpus),
        "bytes per message": round(corpus.mean_bytes, 1),
        "logs per message": round(pipeline.accounts.received / len(corpus), 2),
        "connections": len(pipeline.connections),
        "routes": len(pipeline.routes),
        "endpoints": len(pipeline.endpoints),
    }
