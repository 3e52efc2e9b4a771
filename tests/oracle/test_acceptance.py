"""The recorded streams give the rows that the specs list."""

from datetime import UTC

import pytest

from tests.oracle.acceptance import acceptance_streams
from tests.oracle.fixture import ExpectedStream, differences
from tests.oracle.oracle import run_oracle
from tests.oracle.worked_examples import worked_examples

STREAMS = (*acceptance_streams(), *worked_examples())


@pytest.mark.parametrize("expected", STREAMS, ids=lambda stream: stream.name)
def test_stream_gives_the_rows_of_the_spec(expected: ExpectedStream) -> None:
    result = run_oracle(expected.events(), registry=expected.registry, zone=UTC, now=expected.now)
    assert differences(expected, result) == {}
