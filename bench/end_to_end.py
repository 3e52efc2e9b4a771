"""End to end over loopback: how many messages a server handles, beside the same grpcio server that drops them all.

Both servers and the sender are processes of their own. The servers take turns, and each run lasts until every stream is
answered, which the full server does only once all that the stream carried is folded.
"""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.inputs import CACHE, Corpus, Kind, corpus_file, joined, load_corpus
from bench.interleaved import interleaved
from bench.load_client import node_field, rounds, split_into_streams
from bench.receiving_server import DROPPING, FULL
from bench.results import Finding, Measure, Target, pairwise, per_second
from bench.rig import input_facts
from bench.workers import Server, worker

STREAMS = 8
TARGET = Target(0.8)
_TITLES = {DROPPING: "grpcio server that drops every payload", FULL: "our server"}
_NAMES = {Kind.PLAIN: "plain", Kind.CHURN: "churn", Kind.NEW_PATHS: "churn with new paths"}


def end_to_end(messages: int, repetitions: int, kind: Kind, cache: Path = CACHE) -> Finding:
    """Measure with so many messages a run, after one run to warm up.

    With port churn every run comes from addresses that none before it had, so that its connections are new to the
    server; what is asked for stays the same. With new paths every request is for something never asked for before.
    """
    churn_ports = kind is not Kind.PLAIN
    corpus = load_corpus(messages, churn_ports=churn_ports, cache=cache)
    file = corpus_file(messages, churn_ports=churn_ports, cache=cache)
    with ExitStack() as stack:
        client = stack.enter_context(worker("bench.load_client", str(file), str(STREAMS), kind))
        servers = {
            name: Server(stack.enter_context(worker("bench.receiving_server", name))) for name in (DROPPING, FULL)
        }
        runs = {name: partial(server.run, client, messages) for name, server in servers.items()}
        for warm_up in runs.values():
            warm_up()
        taken = interleaved(runs, repetitions)
    return _finding(_first_run(corpus, kind), {server: list(readings) for server, readings in taken.items()})


def _first_run(corpus: Corpus, kind: Kind) -> Corpus:
    """What is sent first, as one stream."""
    (messages,) = split_into_streams(next(rounds(corpus, kind)), node_field(corpus), 1)
    return joined(_NAMES[kind], messages)


def _finding(corpus: Corpus, taken: dict[str, list[tuple[float, float]]]) -> Finding:
    walls = {kind: [wall for wall, _ in readings] for kind, readings in taken.items()}
    facts = input_facts(corpus)
    logs = float(facts["logs per message"]) * len(corpus)
    cpu = [
        Measure(f"{_TITLES[kind]}, processor time", "us/message", tuple(cpu / len(corpus) * 1e6 for _, cpu in readings))
        for kind, readings in taken.items()
    ]
    return Finding(
        "end to end",
        f"End to end over loopback gRPC, {corpus.name} corpus",
        {**facts, "streams at once": STREAMS},
        [
            *(per_second(_TITLES[kind], "messages/s", len(corpus), seconds) for kind, seconds in walls.items()),
            per_second(_TITLES[FULL], "logs/s", logs, walls[FULL]),
            *cpu,
        ],
        [pairwise("share of messages/s that our server keeps", walls[DROPPING], walls[FULL], TARGET)],
        ["hand-overs to a duckdb file go on every 25 s; the sender is a third process on the same cores"],
    )
