"""Elasticsearch and OpenSearch of the tests' own: real nodes on the loopback address, made of the published libraries.

``python -m tests.servers.elasticsearch`` fetches what is missing into the checkout's cache folder and says so.
"""

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers.program import Program, free_ports, new_folder

CACHE: Final = Path(__file__).parents[2] / ".cache" / "elasticsearch"

_JAVA: Final = Path(__file__).with_name("java")
_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_START_S: Final = 300.0
_READY: Final = "node started"
_MODULE: Final = "transport-netty4"
# Small enough for two cores: a heap that is full of garbage is no reason to refuse requests.
_CONFIGURATION: Final = """\
cluster.name: oap-tests
node.name: node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport_port}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
cluster.info.update.interval: 10s
cluster.max_shards_per_node: 5000
action.destructive_requires_name: false
indices.breaker.total.use_real_memory: false
"""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A server: its launcher, and the Maven artifacts it is made of.

    ``module`` are those that the server loads itself from a folder of its own.
    """

    name: str
    version: str
    launcher: str
    artifacts: tuple[str, ...]
    module: tuple[str, ...] = ()
    file: str = "elasticsearch.yml"
    heap_mb: int = 384

    @property
    def folder(self) -> Path:
        """Where its libraries are."""
        return CACHE / f"{self.name}-{self.version}"


ELASTICSEARCH_7: Final = Distribution(
    "elasticsearch",
    "7.17.28",
    "Elasticsearch7",
    ("org.elasticsearch:elasticsearch:7.17.28", "org.elasticsearch.plugin:transport-netty4-client:7.17.28"),
)
# Later ones keep the analyzer "stop" and the answer to GET / in modules that are not published.
ELASTICSEARCH_8: Final = Distribution(
    "elasticsearch",
    "8.6.2",
    "Elasticsearch8",
    ("org.elasticsearch:elasticsearch:8.6.2",),
    ("org.elasticsearch.plugin:transport-netty4:8.6.2",),
)
OPENSEARCH_2: Final = Distribution(
    "opensearch",
    "2.19.1",
    "Opensearch2",
    (
        "org.opensearch:opensearch:2.19.1",
        "org.opensearch.plugin:transport-netty4-client:2.19.1",
        "org.opensearch.plugin:analysis-common:2.19.1",
        "org.apache.logging.log4j:log4j-core:2.21.0",
    ),
    file="opensearch.yml",
)
DISTRIBUTIONS: Final = (ELASTICSEARCH_7, ELASTICSEARCH_8, OPENSEARCH_2)


class SearchServer(Program):
    """One node, always on the same folder and port. ``more``: further lines of its configuration."""

    def __init__(self, distribution: Distribution, folder: Path, more: str = "") -> None:
        super().__init__(distribution.name, folder, _READY, _START_S)
        self.distribution = distribution
        self.port, transport_port = free_ports(2)
        fetch(distribution)
        for name in ("config", "modules", "plugins"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        configuration = _CONFIGURATION.format(port=self.port, transport_port=transport_port)
        (folder / "config" / distribution.file).write_text(configuration + more)
        if distribution.module:
            (folder / "modules" / _MODULE).symlink_to(distribution.folder / "module")

    @property
    def node(self) -> str:
        """Where it is, as ``host:port``."""
        return f"127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: object = None) -> str:
        """Answer of a request of the tests' own, whatever its status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"content-type": "application/json"})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def delete_all(self, namespace: str) -> None:
        """Remove the indices and templates of a namespace."""
        self.request("DELETE", f"/{namespace.lower()}_*")
        self.request("DELETE", f"/_index_template/{namespace.lower()}_*")

    def command(self) -> Sequence[str]:
        heap = f"{self.distribution.heap_mb}m"
        libraries = self.distribution.folder / "lib"
        # Modules load their own folder only from a server that is itself a Java module.
        path = ["--class-path", f"{libraries}/*"]
        if self.distribution.module:
            path = ["--module-path", str(libraries), "--add-modules", "ALL-MODULE-PATH"]
        options = [f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", f"-Djava.io.tmpdir={self.folder}"]
        launcher = _JAVA / f"{self.distribution.launcher}.java"
        return ["java", *options, *path, str(launcher), str(self.folder)]


@contextmanager
def running_server(distribution: Distribution, more: str = "") -> Iterator[SearchServer]:
    """A server in a new folder, stopped and removed afterwards; ``more`` are further lines of its configuration."""
    with new_folder(CACHE) as folder:
        server = SearchServer(distribution, folder, more)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def fetch(distribution: Distribution) -> None:
    """Get the libraries of a server, unless they are there."""
    if (distribution.folder / "complete").exists():
        return
    print(f"== fetching {distribution.name} {distribution.version} for the tests", file=sys.stderr)  # noqa: T201
    shutil.rmtree(distribution.folder, ignore_errors=True)
    _copy(distribution.artifacts, distribution.folder / "lib")
    if distribution.module:
        _copy_module(distribution)
    (distribution.folder / "complete").touch()


def _copy_module(distribution: Distribution) -> None:
    module = distribution.folder / "module"
    _copy(distribution.module, module)
    for library in (distribution.folder / "lib").iterdir():
        (module / library.name).unlink(missing_ok=True)
    descriptor = {
        "name": _MODULE,
        "description": "HTTP",
        "version": distribution.version,
        "elasticsearch.version": distribution.version,
        "java.version": "17",
        "classname": "org.elasticsearch.transport.netty4.Netty4Plugin",
    }
    lines = "".join(f"{key}={value}\n" for key, value in descriptor.items())
    (module / "plugin-descriptor.properties").write_text(lines)


def _copy(artifacts: Sequence[str], target: Path) -> None:
    """Copy artifacts and all they depend on into a folder."""
    target.mkdir(parents=True)
    dependencies = "".join(_dependency(*artifact.split(":")) for artifact in artifacts)
    project = target.parent / f"{target.name}-pom.xml"
    project.write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>oap</groupId><artifactId>test-servers</artifactId>"
        f"<version>1</version><dependencies>{dependencies}</dependencies></project>\n"
    )
    arguments = ["mvn", "-q", "-B", "-f", str(project), _COPY, f"-DoutputDirectory={target}"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Maven cannot fetch {', '.join(artifacts)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _dependency(group: str, artifact: str, version: str) -> str:
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        "</dependency>"
    )


if __name__ == "__main__":
    for wanted in DISTRIBUTIONS:
        fetch(wanted)
