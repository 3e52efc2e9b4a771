"""Every log has one outcome; reasons are counted, up to a bound."""

from oap.accounting import DROPS, Accounts, Outcome


def test_received_is_the_sum_of_all_outcomes() -> None:
    accounts = Accounts()
    accounts.outcomes += range(1, len(Outcome) + 1)
    assert accounts.received == 78
    folded, late, refused = (int(accounts.outcomes[outcome]) for outcome in Outcome if outcome not in DROPS)
    assert accounts.received == folded + late + refused + sum(accounts.dropped.values())


def test_drops_are_named_by_reason() -> None:
    accounts = Accounts()
    accounts.outcomes[Outcome.NO_NODE] = 3
    accounts.outcomes[Outcome.FOLDED] = 9
    assert accounts.dropped == {
        "no_connection": 0,
        "connection_loss": 0,
        "same_service": 0,
        "unknown_role": 0,
        "lookup_failed": 0,
        "no_node": 3,
        "no_operation": 0,
        "no_protocol": 0,
        "expired": 0,
    }


def test_what_upstream_counts_as_dropped_lacks_a_connection() -> None:
    accounts = Accounts()
    accounts.outcomes += 1
    assert accounts.without_connection == 5


def test_details_count_builds_by_reason_and_name() -> None:
    accounts = Accounts()
    accounts.note(Outcome.SAME_SERVICE, "a")
    accounts.note(Outcome.SAME_SERVICE, "a", 4)
    accounts.note(Outcome.CONNECTION_LOSS, "a")
    assert accounts.details == {("same_service", "a"): 5, ("connection_loss", "a"): 1}


def test_full_details_go_on_counting_what_they_list() -> None:
    accounts = Accounts()
    for number in range(1200):
        accounts.note(Outcome.SAME_SERVICE, str(number))
    accounts.note(Outcome.SAME_SERVICE, "999")
    assert len(accounts.details) == 1000
    assert accounts.details["same_service", "999"] == 2
    assert ("same_service", "1000") not in accounts.details


def test_accounts_share_nothing() -> None:
    Accounts().outcomes[0] = 1
    assert Accounts().received == 0
