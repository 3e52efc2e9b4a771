from oap.query.meters import Blame, QueryMeters
from oap.telemetry import catalogue
from oap.telemetry.meters import Meter


def test_answers_are_counted_with_who_is_to_blame() -> None:
    meters = QueryMeters()
    meters.observe(0.02, Blame.NOBODY)
    meters.observe(0.5, Blame.SERVER)
    meters.observe(0.0, Blame.REQUEST)
    requests, by_client, by_server, seconds = meters.meters()
    assert requests == Meter(catalogue.QUERY_REQUESTS, 3)
    assert by_client == Meter(catalogue.QUERY_ERRORS, 1, ("request",))
    assert by_server == Meter(catalogue.QUERY_ERRORS, 1, ("server",))
    assert seconds.definition is catalogue.QUERY_SECONDS
