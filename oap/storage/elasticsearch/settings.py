"""Settings of the store on Elasticsearch or OpenSearch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ElasticsearchStoreSettings:
    """Upstream's settings (spec storage 7) under names of our own; times in milliseconds unless named otherwise.

    ``cluster_nodes`` are ``host:port``. ``response_timeout_ms`` 0 leaves the bound to ``socket_timeout_ms``. Empty
    paths and texts switch off what they describe. ``refresh_interval_s`` is how long written rows may stay invisible to
    other readers.
    """

    cluster_nodes: tuple[str, ...]
    namespace: str = ""
    protocol: str = "http"
    connect_timeout_ms: int = 3000
    socket_timeout_ms: int = 30000
    response_timeout_ms: int = 15000
    user: str = ""
    password: str = ""
    trust_store_path: str = ""
    trust_store_pass: str = ""
    key_store_path: str = ""
    key_store_pass: str = ""
    secrets_management_file: str = ""
    day_step: int = 1
    index_shards_number: int = 1
    index_replicas_number: int = 1
    specific_index_settings: str = ""
    bulk_actions: int = 5000
    batch_of_bytes: int = 10485760
    concurrent_requests: int = 2
    metadata_query_max_size: int = 10000
    scrolling_batch_size: int = 5000
    oap_analyzer: str = '{"analyzer":{"oap_analyzer":{"type":"stop"}}}'
    advanced: str = ""
    logic_sharding: bool = False
    refresh_interval_s: int = 30

    @property
    def longest_answer_ms(self) -> int:
        """How long to wait for an answer."""
        return self.response_timeout_ms or self.socket_timeout_ms
