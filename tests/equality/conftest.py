"""One recording per session, what the oracle makes of it, and a plain run of it: all proofs compare with these."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest

from oap.emulator.recording import Recording, load
from oap.emulator.scenario_file import load_scenario
from tests.equality.expected import Reference, consult_oracle
from tests.equality.recordings import SCENARIO, Setting, scenario_registry, write_recording
from tests.equality.replays import Replayer


@pytest.fixture(scope="session")
def setting() -> Setting:
    return Setting.around(int(time.time()))


@pytest.fixture(scope="session")
def recording_file(setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recording") / "equality.oaprec"
    write_recording(file, setting)
    return file


@pytest.fixture(scope="session")
def recording(recording_file: Path) -> Recording:
    return load(recording_file)


@pytest.fixture(scope="session")
def replayer(setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> Replayer:
    return Replayer(tmp_path_factory.mktemp("stores"), setting, scenario_registry(load_scenario(SCENARIO)))


@pytest.fixture(scope="session")
def oracle(recording_file: Path, setting: Setting) -> Iterator[Future[Reference]]:
    """The oracle takes longer than everything else together, so it works beside the tests."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        yield executor.submit(consult_oracle, recording_file, setting)


@pytest.fixture(scope="session")
def reference(oracle: Future[Reference], replayer: Replayer, recording: Recording) -> Reference:
    """A run in blocks of 1000 messages with one hand-over."""
    del oracle  # only asked for so that it begins to work
    totals = replayer.run("reference", recording)
    return Reference(replayer.tables("reference"), totals)
