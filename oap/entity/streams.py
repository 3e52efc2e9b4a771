"""Names besides those of metrics that ``disable`` knows (spec oal 7), so that a misspelt metric is told from them."""

from typing import Final

KNOWN_STREAMS: Final = frozenset(
    {
        "endpoint_relation_server_side",
        "process_traffic",
        "profile_task",
        "segment",
        "service_instance_relation_client_side",
        "service_instance_relation_server_side",
        "service_relation_client_side",
        "service_relation_server_side",
        "top_n_database_statement",
        "zipkin_span",
    }
)
"""Streams of Apache SkyWalking. This server has no switch for them: files that disable them are accepted unchanged."""
