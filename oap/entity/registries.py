"""Several address registries as one."""

from collections.abc import Sequence

from oap.entity.addresses import VALID_FOR_S, AddressRegistry, ResolvedAddress


class FirstKnown:
    """Asks registries in order; the first that knows an address answers. Without any, every address is unknown."""

    def __init__(self, registries: Sequence[AddressRegistry], valid_for_s: int = VALID_FOR_S) -> None:
        self._registries = tuple(registries)
        self._valid_for_s = valid_for_s

    @property
    def valid_for_s(self) -> int:
        return self._valid_for_s

    @property
    def version(self) -> int:
        return sum(registry.version for registry in self._registries)

    def resolve(self, host: str) -> ResolvedAddress | None:
        for registry in self._registries:
            found = registry.resolve(host)
            if found is not None:
                return found
        return None
