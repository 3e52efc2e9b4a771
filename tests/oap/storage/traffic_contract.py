"""The part of the storage contract about services, instances, endpoints, relations and templates."""

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
    Template,
)
from tests.oap.storage.samples import (
    DAY,
    HOUR,
    MINUTE,
)


class TrafficContract:
    """Tests of traffic. They need a fixture ``storage``: an empty store."""

    def test_services_are_listed_by_name_and_layer(self, storage: Storage) -> None:
        mesh, shop = ServiceTraffic("c2hvcA==.1", "shop", 1, MINUTE), ServiceTraffic("c2hvcA==.1", "shop", 17, MINUTE)
        cart = ServiceTraffic("Y2FydA==.1", "cart", 17, MINUTE)
        storage.write(HandOver(services=[shop, cart, mesh, shop]))
        storage.write(HandOver(services=[shop]))
        assert list(storage.services()) == [cart, mesh, shop]

    def test_the_first_minute_of_a_service_is_the_smallest(self, storage: Storage) -> None:
        for minute in (5, 3, 9):
            storage.write(HandOver(services=[ServiceTraffic("s", "shop", 17, MINUTE + minute)]))
        assert list(storage.services()) == [ServiceTraffic("s", "shop", 17, MINUTE + 3)]

    def test_instances_keep_the_first_minute_and_take_the_last_ping_that_arrives(self, storage: Storage) -> None:
        for first, ping in ((5, 9), (3, 3), (7, 8)):
            storage.write(HandOver(instances=[InstanceTraffic("i", "s", "pod", MINUTE + first, MINUTE + ping)]))
        assert storage.instance("i") == InstanceTraffic("i", "s", "pod", MINUTE + 3, MINUTE + 8)

    def test_one_hand_over_may_see_an_instance_twice(self, storage: Storage) -> None:
        seen = [InstanceTraffic("i", "s", "pod", MINUTE + first, MINUTE + ping) for first, ping in ((2, 9), (1, 4))]
        storage.write(HandOver(instances=seen))
        assert list(storage.instances("s", MINUTE, MINUTE + 9)) == [
            InstanceTraffic("i", "s", "pod", MINUTE + 1, MINUTE + 4)
        ]

    def test_instances_are_filtered_by_service_and_activity(self, storage: Storage) -> None:
        ended = InstanceTraffic("1", "s", "ended", MINUTE, MINUTE + 4)
        edge = InstanceTraffic("2", "s", "edge", MINUTE, MINUTE + 5)
        began = InstanceTraffic("3", "s", "began", MINUTE + 9, MINUTE + 20)
        future = InstanceTraffic("4", "s", "future", MINUTE + 10, MINUTE + 20)
        other = InstanceTraffic("5", "other", "other", MINUTE, MINUTE + 9)
        storage.write(HandOver(instances=[ended, edge, began, future, other]))
        assert list(storage.instances("s", MINUTE + 5, MINUTE + 9)) == [began, edge]

    def test_endpoints_are_found_by_keyword_newest_first(self, storage: Storage) -> None:
        names = ("GET:/cart", "POST:/cart/商品", "GET:/100%", "GET:/cart/old")
        seen = [EndpointTraffic(name, "s", name, MINUTE + at, MINUTE + 9) for at, name in enumerate(names)]
        storage.write(HandOver(endpoints=[*seen, EndpointTraffic("x", "other", "GET:/cart", MINUTE, MINUTE)]))
        assert list(storage.endpoints("s", "/cart", 10)) == [seen[3], seen[1], seen[0]]
        assert list(storage.endpoints("s", "/cart", 2)) == [seen[3], seen[1]]
        assert list(storage.endpoints("s", "商品", 10)) == [seen[1]]
        assert list(storage.endpoints("s", "0%", 10)) == [seen[2]]
        assert list(storage.endpoints("s", "", 10)) == [seen[3], seen[2], seen[1], seen[0]]
        assert list(storage.endpoints("s", "", 0)) == []

    def test_endpoints_are_filtered_by_activity_when_asked(self, storage: Storage) -> None:
        ended = EndpointTraffic("1", "s", "ended", MINUTE, MINUTE + 4)
        alive = EndpointTraffic("2", "s", "alive", MINUTE, MINUTE + 5)
        future = EndpointTraffic("3", "s", "future", MINUTE + 10, MINUTE + 20)
        storage.write(HandOver(endpoints=[ended, alive, future]))
        assert list(storage.endpoints("s", "", 10, (MINUTE + 5, MINUTE + 9))) == [alive]

    def test_endpoints_keep_the_first_minute_and_the_latest_ping(self, storage: Storage) -> None:
        for first, ping in ((5, 7), (5, 9), (3, 3)):
            storage.write(HandOver(endpoints=[EndpointTraffic("e", "s", "GET:/", MINUTE + first, MINUTE + ping)]))
        assert list(storage.endpoints("s", "", 9)) == [EndpointTraffic("e", "s", "GET:/", MINUTE + 3, MINUTE + 9)]

    def test_components_of_an_edge_are_united(self, storage: Storage) -> None:
        for components in ((162,), (49, 162), (), (49,), (8,)):
            edge = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", components)
            storage.write(HandOver(service_relations=[edge]))
        found = storage.service_relations(MINUTE, MINUTE)
        assert list(found) == [ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (8, 49, 162))]

    def test_components_of_one_hand_over_are_united(self, storage: Storage) -> None:
        seen = [ServiceRelationRow(MINUTE, False, "a-b", "a", "b", components) for components in ((129,), (49, 129))]
        storage.write(HandOver(service_relations=seen))
        found = storage.service_relations(MINUTE, MINUTE)
        assert list(found) == [ServiceRelationRow(MINUTE, False, "a-b", "a", "b", (49, 129))]

    def test_an_edge_without_components_is_kept(self, storage: Storage) -> None:
        edge = ServiceRelationRow(HOUR, True, "a-b", "a", "b", ())
        storage.write(HandOver(service_relations=[edge]))
        assert list(storage.service_relations(HOUR, HOUR)) == [edge]

    def test_edges_of_a_range_are_distinct_and_client_side_comes_first(self, storage: Storage) -> None:
        tcp, http = (110,), (49,)
        seen = [
            ServiceRelationRow(MINUTE + 2, True, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, True, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, False, "b-c", "b", "c", tcp),
            ServiceRelationRow(MINUTE + 1, False, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 2, False, "a-b", "a", "b", tcp),
            ServiceRelationRow(MINUTE, True, "a-b", "a", "b", http),
            ServiceRelationRow(HOUR, True, "x-y", "x", "y", http),
        ]
        storage.write(HandOver(service_relations=seen))
        assert list(storage.service_relations(MINUTE + 1, MINUTE + 2)) == [
            ServiceRelationRow(MINUTE + 2, False, "a-b", "a", "b", tcp),
            ServiceRelationRow(MINUTE + 1, False, "a-b", "a", "b", http),
            ServiceRelationRow(MINUTE + 1, False, "b-c", "b", "c", tcp),
            ServiceRelationRow(MINUTE + 1, True, "a-b", "a", "b", http),
        ]

    def test_edges_can_be_limited_to_those_of_some_services(self, storage: Storage) -> None:
        edges = [ServiceRelationRow(DAY, True, f"{s}-{d}", s, d, (49,)) for s, d in ("ab", "bc", "cd", "de")]
        storage.write(HandOver(service_relations=edges))
        assert list(storage.service_relations(DAY, DAY, ["b", "e"])) == [edges[0], edges[1], edges[3]]
        assert list(storage.service_relations(DAY, DAY, [])) == []
        assert list(storage.service_relations(DAY, DAY)) == edges

    def test_instance_edges_are_found_in_both_directions(self, storage: Storage) -> None:
        def edge(bucket: int, is_server_side: bool, source: str, dest: str) -> InstanceRelationRow:
            return InstanceRelationRow(
                bucket, is_server_side, f"{source}1-{dest}1", source, f"{source}1", dest, f"{dest}1"
            )

        written = [edge(MINUTE + at, side, *pair) for at in (1, 0) for side in (True, False) for pair in ("ab", "ba")]
        storage.write(HandOver(instance_relations=[*written, edge(MINUTE, True, "a", "c")]))
        storage.write(HandOver(instance_relations=written))
        assert list(storage.instance_relations(MINUTE, MINUTE + 1, "a", "b")) == [
            edge(MINUTE, False, "a", "b"),
            edge(MINUTE, False, "b", "a"),
            edge(MINUTE, True, "a", "b"),
            edge(MINUTE, True, "b", "a"),
        ]

    def test_templates_are_inserted_replaced_and_hidden(self, storage: Storage) -> None:
        storage.save_template(Template("t2", "{}", 1))
        storage.save_template(Template("t1", '{"name": "größe"}', 2))
        storage.save_template(Template("t2", "[]", 3, disabled=True))
        assert list(storage.templates()) == [Template("t1", '{"name": "größe"}', 2)]
        assert list(storage.templates(include_disabled=True)) == [
            Template("t1", '{"name": "größe"}', 2),
            Template("t2", "[]", 3, disabled=True),
        ]
