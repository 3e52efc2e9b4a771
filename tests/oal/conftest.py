"""Property tests of the language: no limit on the time of an example, because machines are slow when others use them."""

from hypothesis import HealthCheck, settings

settings.register_profile("oal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("oal")
