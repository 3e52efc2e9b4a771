from collections.abc import Iterator

import pytest

from tests.oap.query.mqe.conformance_store import Evaluator, conformance_store


@pytest.fixture(scope="session")
def evaluator() -> Iterator[Evaluator]:
    """Evaluates over the store of the conformance table; tests only read from it."""
    with conformance_store() as reads:
        yield Evaluator(reads)
