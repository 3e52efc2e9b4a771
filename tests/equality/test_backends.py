"""The recording into every backend: all questions that can be asked of a store have the same answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from oap.emulator.playback import blocks
from oap.emulator.recording import Recording
from oap.storage.contract import HandOver, MetricModel, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.equality.backends import BACKENDS
from tests.equality.questions import Answers, Seen, answers, graphql_answers
from tests.equality.recordings import Setting
from tests.equality.replays import Replayer
from tests.oap.pipeline_run import Run

# Of 110; what is still open then is handed over again, with larger totals. So few of the rows are written twice.
BLOCKS_OF_THE_FIRST_HAND_OVER = 106

# As the server's writer: a store that is too busy is asked again.
_PATIENTLY = Retrying(retry=retry_if_exception_type(StorageUnavailable), stop=stop_after_attempt(10), reraise=True)


@dataclass(frozen=True, slots=True)
class Replay:
    """What the pipeline handed over, and the answers of the embedded store that took it."""

    models: Mapping[str, MetricModel]
    hand_overs: Sequence[HandOver]
    seen: Seen
    answers: Answers
    graphql: Answers


@pytest.fixture(scope="module")
def replay(
    recording: Recording, setting: Setting, replayer: Replayer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    """The recording goes through the pipeline once; every backend gets what it hands over."""
    run = Run(
        registry=replayer.registry,
        zone=ZoneInfo(setting.zone),
        now=setting.now_s,
        max_open_windows=1000,
        storage=DuckdbStorage(StorageSettings(str(tmp_path_factory.mktemp("backends") / "oap.duckdb"))),
    )
    hand_overs = []
    for number, block in enumerate(blocks(recording, 1000), start=1):
        run.pipeline.accept(block, setting.now_s)
        if number == BLOCKS_OF_THE_FIRST_HAND_OVER:
            hand_overs.append(run.writer.write(run.pipeline.collect()))
    hand_overs.append(run.writer.write(run.pipeline.collect(everything=True)))
    seen = Seen()
    for rows in hand_overs:
        seen.note(rows)
    models = run.pipeline.models
    told = graphql_answers(run.storage, models, seen, setting)
    yield Replay(models, hand_overs, seen, answers(run.storage, list(models.values()), seen), told)
    run.storage.close()


def test_the_questions_are_about_something(replay: Replay) -> None:
    assert len(replay.hand_overs) == 2
    assert sum(_is_full(answer) for answer in replay.answers.values()) > 2 * len(replay.models)
    assert len(replay.graphql) > 60


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_recording_has_the_same_answers_in_every_backend(backend: str, replay: Replay, setting: Setting) -> None:
    models = list(replay.models.values())
    with BACKENDS[backend]() as storage:
        storage.prepare(models)
        for rows in replay.hand_overs:
            _PATIENTLY(storage.write, rows)
        found = answers(storage, models, replay.seen)
        told = graphql_answers(storage, replay.models, replay.seen, setting)
    assert [key for key in replay.answers if replay.answers[key] != found[key]] == []
    assert [key for key in replay.graphql if replay.graphql[key] != told[key]] == []


def _is_full(answer: object) -> bool:
    return bool(answer)
