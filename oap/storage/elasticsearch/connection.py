"""HTTP requests to the nodes, and what their answers mean.

The transport of the official client is used without the client itself: that way no product check refuses OpenSearch and
no media type names a version, so one path serves all (docs/decisions/0011).
"""

import base64
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from elastic_transport import (
    ConnectionTimeout,
    JsonSerializer,
    NodeConfig,
    TlsError,
    Transport,
    TransportError,
    Urllib3HttpNode,
)
from urllib3.util import Timeout

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.elasticsearch.answers import AnswerSerializer, error_of, is_not_now, reason_of
from oap.storage.elasticsearch.credentials import tls_context, watched, with_secrets
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings
from oap.storage.read_limit import ReadLimit, ReadStopped, current_limit

_log = structlog.get_logger(__name__)

Answer = Mapping[str, Any]

_JSON: Final = {"content-type": "application/json", "accept": "application/json"}
_RELOAD_S: Final = 10.0
_RETRY_S: Final = 1.0


class Connection:
    """Requests to whichever node answers. One object serves all threads.

    Raises StorageUnavailable when no node answers or takes the request now, StorageError when one refuses it for good.
    Secrets and stores are looked at again every ten seconds of use; new ones are taken when a node accepts them.
    """

    def __init__(self, settings: ElasticsearchStoreSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._watched = watched(settings)
        self._looked_at = monotonic_s()
        self._transport = _opened(settings)

    def get(self, target: str, body: object = None, *, missing: Answer | None = None) -> Answer:
        """Answer of a GET; ``missing``, if given, when the server has nothing of that name."""
        return self.request("GET", target, body, missing=missing)

    def request(self, method: str, target: str, body: object = None, *, missing: Answer | None = None) -> Answer:
        """Answer of a request with a JSON body."""
        encoded = None if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        status, answer = self.exchange(method, target, encoded)
        if status == 404 and missing is not None:
            return missing
        if not 200 <= status < 300:
            raise refusal(status, answer, f"{method} {target.partition('?')[0]}")
        return answer if isinstance(answer, dict) else {}

    def exchange(self, method: str, target: str, body: bytes | None) -> tuple[int, Any]:
        """Status and content of whatever a node answers; only a missing answer raises."""
        self._take_new_secrets()
        headers = _JSON if body is not None else {"accept": "application/json"}
        limit = current_limit()
        try:
            if limit is None:
                found = self._transport.perform_request(method, target, body=body, headers=headers)
            else:
                # A node cancels a search when the connection that waits for it is closed.
                found = self._transport.perform_request(
                    method, target, body=body, headers=headers, request_timeout=self._time_left_s(limit)
                )
        except (TransportError, OSError) as error:
            if limit is not None and not limit.remaining_s:
                raise ReadStopped("the read was stopped") from error
            raise StorageUnavailable(_unreachable(self._settings.cluster_nodes, error), _RETRY_S) from error
        return found.meta.status, found.body

    def close(self) -> None:
        """Close all sockets."""
        self._transport.close()

    def _time_left_s(self, limit: ReadLimit) -> float:
        remaining_s = limit.remaining_s
        if not remaining_s:
            raise ReadStopped("the time for reading is over")
        return min(remaining_s, (self._settings.response_timeout_ms or self._settings.socket_timeout_ms) / 1000)

    def _take_new_secrets(self) -> None:
        if self._monotonic_s() - self._looked_at < _RELOAD_S:
            return
        with self._lock:
            self._looked_at = self._monotonic_s()
            found = watched(self._settings)
            if found == self._watched:
                return
            try:
                fresh = _opened(self._settings)
                status = fresh.perform_request("GET", "/_cluster/health?timeout=1s").meta.status
            except (StorageError, TransportError, OSError) as error:
                _log.warning("new secrets of the storage are not taken", reason=str(error))
                return
            if status in (401, 403):
                _log.warning("new secrets of the storage are not taken", reason=f"status {status}")
                return
            # Requests under way end on the old sockets, which close when the last of them is done.
            self._transport, self._watched = fresh, found
            _log.info("new secrets of the storage are in use")


def refusal(status: int, answer: object, asked: str) -> StorageError:
    """What an answer means that is not the one asked for."""
    if is_not_now(status, error_of(answer)):
        return StorageUnavailable(f"{asked}: {reason_of(status, answer)}", _RETRY_S)
    return StorageError(f"{asked}: {reason_of(status, answer)}")


def _opened(settings: ElasticsearchStoreSettings) -> Transport:
    # It would say of every request what the writer says once.
    logging.getLogger("elastic_transport").setLevel(logging.CRITICAL)
    settings = with_secrets(settings)
    nodes = _nodes(settings)
    transport = Transport(
        nodes,
        max_retries=len(nodes) - 1,
        retry_on_status=(),
        retry_on_timeout=False,
        meta_header=False,
        serializers={JsonSerializer.mimetype: AnswerSerializer()},
        dead_node_backoff_factor=0.5,
        max_dead_node_backoff=5.0,
    )
    for node in transport.node_pool.all():
        if isinstance(node, Urllib3HttpNode):
            # The transport has one time limit for both.
            node.pool.timeout = Timeout(
                connect=settings.connect_timeout_ms / 1000, read=settings.longest_answer_ms / 1000
            )
    return transport


def _nodes(settings: ElasticsearchStoreSettings) -> list[NodeConfig]:
    context = tls_context(settings) if settings.protocol == "https" else None
    headers = {}
    if settings.user and settings.password:
        token = base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode()
        headers["authorization"] = f"Basic {token}"
    configs = []
    for node in settings.cluster_nodes:
        host, _, port = node.rpartition(":")
        if not host or not port.isdigit():
            raise StorageError(f"storage.elasticsearch.clusterNodes: '{node}' is not host:port")
        configs.append(
            NodeConfig(
                settings.protocol,
                host.strip("[]"),
                int(port),
                headers=headers,
                connections_per_node=10 + settings.concurrent_requests,
                ssl_context=context,
            )
        )
    return configs


def _unreachable(nodes: Sequence[str], error: Exception) -> str:
    where, cause = ", ".join(nodes), error.__cause__ or error
    if isinstance(error, ConnectionTimeout):
        return f"no answer from {where} in time"
    if isinstance(error, TlsError):
        return f"no secure connection to {where}: {cause}"
    return f"cannot reach {where}: {error}"
