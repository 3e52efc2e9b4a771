"""Services and Pods as the official Kubernetes client reads them; the only module that imports it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import urllib3
from kubernetes import client, config, watch

from oap.entity.errors import EntityError
from oap.entity.kubernetes_follower import Manifest, SourceFailed, VersionExpired

# The client's own annotations stop at these.
_config: Any = config
_new_watch: Any = watch.Watch

_GONE = 410
# What arrives may have been cut or replaced by a proxy, so its shape is as little trusted as the connection.
_FAILURES = (client.ApiException, urllib3.exceptions.HTTPError, OSError, ValueError, LookupError, TypeError)


class ApiSource:
    """One kind of object over all namespaces; ``call`` is the client's list function for it."""

    def __init__(
        self,
        call: Callable[..., Any],
        page_size: int = 500,
        watch_s: int = 240,
        connect_timeout_s: float = 10.0,
        silence_s: float = 30.0,
    ) -> None:
        self._call = call
        self._page_size = page_size
        self._watch_s = watch_s
        self._list_timeouts = (connect_timeout_s, silence_s)
        # The server ends a watch by itself after watch_s; silence beyond that means the connection is dead.
        self._watch_timeouts = (connect_timeout_s, watch_s + silence_s)
        self._watch: Any = None

    def list(self) -> tuple[Sequence[Manifest], str]:
        try:
            page = self._page(None)
            manifests = list(page["items"] or ())
            while page["metadata"].get("continue"):
                page = self._page(page["metadata"]["continue"])
                manifests += page["items"] or ()
            return manifests, str(page["metadata"]["resourceVersion"])
        except _FAILURES as error:
            raise _failure(error) from error

    def watch(self, version: str) -> Iterator[tuple[str, Manifest]]:
        # "object" keeps what arrives as plain values: the client's models cost milliseconds per pod.
        stream = self._watch = _new_watch(return_type="object")
        try:
            for event in stream.stream(
                self._call,
                resource_version=version,
                allow_watch_bookmarks=True,
                timeout_seconds=self._watch_s,
                _request_timeout=self._watch_timeouts,
            ):
                if not event:
                    raise ValueError("a line of the watch is not JSON")
                event["object"]["metadata"]["resourceVersion"]
                yield event["type"], event["object"]
        except _FAILURES as error:
            raise _failure(error) from error

    def interrupt(self) -> None:
        if self._watch:
            self._watch.stop()

    def _page(self, token: str | None) -> dict[str, Any]:
        arguments = {"_continue": token} if token else {}
        response = self._call(
            limit=self._page_size, _preload_content=False, _request_timeout=self._list_timeouts, **arguments
        )
        try:
            if not 200 <= response.status <= 299:
                raise client.ApiException(status=response.status, reason=response.reason)
            page: dict[str, Any] = orjson.loads(response.data)
            return page
        finally:
            response.close()


def connect(kubeconfig: Path | None) -> tuple[ApiSource, ApiSource]:
    """Return the sources of Services and Pods; without a kubeconfig as the service account of the own pod.

    Reads files but opens no connection. Raises EntityError when there is no usable configuration.
    """
    settings = client.Configuration()
    try:
        if kubeconfig is None:
            _config.load_incluster_config(client_configuration=settings)
        else:
            _config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    except (config.ConfigException, OSError) as error:
        raise EntityError(f"no access to the Kubernetes API: {_text(error)}") from error
    return sources(settings)


def sources(settings: client.Configuration) -> tuple[ApiSource, ApiSource]:
    """Return the sources of Services and Pods of the API server that a client configuration names."""
    api = client.CoreV1Api(client.ApiClient(settings))
    return ApiSource(api.list_service_for_all_namespaces), ApiSource(api.list_pod_for_all_namespaces)


def _failure(error: Exception) -> SourceFailed:
    if isinstance(error, client.ApiException) and error.status == _GONE:
        return VersionExpired(_text(error))
    return SourceFailed(_text(error))


def _text(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
