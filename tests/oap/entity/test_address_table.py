"""Which of several services and pods an address belongs to."""

from hypothesis import given
from hypothesis import strategies as st

from oap.entity.address_table import AddressTable, KubernetesPod, KubernetesService
from oap.entity.addresses import ResolvedAddress

REVIEWS = KubernetesService("reviews", "bookinfo", ("10.96.0.11", "203.0.113.7"), {"app": "reviews"})
REVIEWS_POD = KubernetesPod("reviews-v1-0", "bookinfo", "10.244.1.21", {"app": "reviews", "version": "v1"})


def table(*entries: KubernetesService | KubernetesPod) -> AddressTable:
    made = AddressTable()
    for key, entry in enumerate(entries):
        if isinstance(entry, KubernetesService):
            made.put_service(str(key), entry)
        else:
            made.put_pod(str(key), entry)
    return made


def test_service_address_has_no_pod() -> None:
    assert table(REVIEWS).resolve("10.96.0.11") == ResolvedAddress("reviews.bookinfo", "")
    assert table(REVIEWS).resolve("203.0.113.7") == ResolvedAddress("reviews.bookinfo", "")


def test_pod_address_gives_the_selecting_service_and_the_pod() -> None:
    assert table(REVIEWS, REVIEWS_POD).resolve("10.244.1.21") == ResolvedAddress("reviews.bookinfo", "reviews-v1-0")


def test_service_wins_over_pod() -> None:
    pod = KubernetesPod("p", "bookinfo", "10.96.0.11", {"app": "reviews"})
    assert table(pod, REVIEWS).resolve("10.96.0.11") == ResolvedAddress("reviews.bookinfo", "")


def test_first_service_wins() -> None:
    other = KubernetesService("other", "bookinfo", ("10.96.0.11",), {"app": "reviews"})
    assert table(other, REVIEWS, REVIEWS_POD).resolve("10.96.0.11") == ResolvedAddress("other.bookinfo", "")
    assert table(other, REVIEWS, REVIEWS_POD).resolve("10.244.1.21") == ResolvedAddress(
        "other.bookinfo", "reviews-v1-0"
    )


def test_first_pod_wins_even_when_no_service_selects_it() -> None:
    orphan = KubernetesPod("orphan-0", "bookinfo", "10.244.1.21", {"app": "orphan"})
    assert table(REVIEWS, orphan, REVIEWS_POD).resolve("10.244.1.21") is None


def test_pod_is_unknown_without_a_selecting_service_of_its_namespace() -> None:
    elsewhere = KubernetesService("reviews", "other", (), {"app": "reviews"})
    without_selector = KubernetesService("external", "bookinfo")
    narrower = KubernetesService("canary", "bookinfo", (), {"app": "reviews", "version": "v2"})
    assert table(elsewhere, without_selector, narrower, REVIEWS_POD).resolve("10.244.1.21") is None


def test_pod_without_labels_is_unknown() -> None:
    assert table(REVIEWS, KubernetesPod("p", "bookinfo", "10.244.1.9")).resolve("10.244.1.9") is None


def test_empty_and_foreign_addresses_are_unknown() -> None:
    waiting = KubernetesPod("p", "bookinfo", "", {"app": "reviews"})
    assert table(REVIEWS, waiting).resolve("") is None
    assert table(REVIEWS, waiting).resolve("8.8.8.8") is None


def test_changed_and_removed_entries_leave_nothing_behind() -> None:
    made = table(REVIEWS, REVIEWS_POD)
    made.put_service("0", KubernetesService("reviews", "bookinfo", ("10.96.0.99",), {"app": "reviews"}))
    made.put_pod("1", KubernetesPod("reviews-v1-1", "bookinfo", "10.244.1.22", {"app": "reviews"}))
    assert [made.resolve(ip) for ip in ("10.96.0.11", "10.244.1.21")] == [None, None]
    assert made.resolve("10.244.1.22") == ResolvedAddress("reviews.bookinfo", "reviews-v1-1")
    made.remove_service("0")
    made.remove_service("0")
    assert made.resolve("10.244.1.22") is None
    made.remove_pod("1")
    made.remove_pod("1")
    made.put_service("0", REVIEWS)
    assert made.resolve("10.244.1.22") is None


def test_replacing_forgets_what_was_there() -> None:
    made = table(REVIEWS, REVIEWS_POD)
    made.replace_services([("9", KubernetesService("new", "bookinfo", ("10.96.0.1",), {"app": "reviews"}))])
    assert made.resolve("10.96.0.11") is None
    assert made.resolve("10.244.1.21") == ResolvedAddress("new.bookinfo", "reviews-v1-0")
    made.replace_pods([])
    assert made.resolve("10.244.1.21") is None


IPS = st.sampled_from(["1", "2", "3"])
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.lists(IPS, max_size=3), st.booleans()), max_size=20)


@given(STEPS)
def test_any_sequence_of_changes_equals_a_table_built_from_what_is_left(
    steps: list[tuple[str, list[str] | None, bool]],
) -> None:
    changed = AddressTable()
    services: dict[str, KubernetesService] = {}
    pods: dict[str, KubernetesPod] = {}
    for key, ips, is_service in steps:
        service = KubernetesService(key, "ns", tuple(ips or ()), {"app": "x"} if len(ips or ()) != 2 else {})
        pod = KubernetesPod(key, "ns", "".join(ips or ())[:1], {"app": "x"})
        if is_service and ips is None:
            changed.remove_service(key)
            services.pop(key, None)
        elif is_service:
            changed.put_service(key, service)
            services[key] = service
        elif ips is None:
            changed.remove_pod(key)
            pods.pop(key, None)
        else:
            changed.put_pod(key, pod)
            pods[key] = pod
    fresh = AddressTable()
    fresh.replace_services(services.items())
    fresh.replace_pods(pods.items())
    assert [changed.resolve(ip) for ip in "123"] == [fresh.resolve(ip) for ip in "123"]
