import httpx

WARM = {"minute": 7, "hour": 7, "day": 7, "coldMinute": -1, "coldHour": -1, "coldDay": -1}


def test_days_of_life_are_told_as_json_or_as_lines(cluster_url: str) -> None:
    url = f"{cluster_url}/status/config/ttl"
    answer = httpx.get(url, headers={"Accept": "application/json"}).json()
    assert answer["metrics"] == WARM
    assert answer["records"]["zipkinTrace"] == 3
    assert answer["records"]["coldBrowserErrorLog"] == -1
    assert "metrics.coldDay=-1\n" in httpx.get(url, headers={"Accept": "text/plain"}).text


def test_cluster_is_this_node(cluster_url: str) -> None:
    answer = httpx.get(f"{cluster_url}/status/cluster/nodes")
    assert answer.json() == {"nodes": [{"host": "127.0.0.1", "port": 12800, "self": True}]}


def test_configuration_is_told_as_json_or_as_lines(cluster_url: str) -> None:
    url = f"{cluster_url}/debugging/config/dump"
    answer = httpx.get(url, headers={"Accept": "application/json"}).json()
    assert answer == {"core.default.restPort": "12800", "storage.duckdb.password": "******"}
    assert httpx.get(url).text == "core.default.restPort=12800\nstorage.duckdb.password=******\n"
