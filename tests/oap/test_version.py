import re

from oap.version import api_version, version


def test_the_api_speaks_upstreams_release_with_seven_digits_of_ours() -> None:
    assert re.fullmatch(r"10\.4\.0-[0-9a-f]{7}", api_version())


def test_our_own_version_is_another() -> None:
    assert version() != api_version()
