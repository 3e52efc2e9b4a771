"""Request paths of a call: templates with parameters, drawn by weight from one number."""

from bisect import bisect_right
from itertools import accumulate

from oap.emulator.scenario import Method, Request

_RESOLUTION = 1 << 20


class Paths:
    """Turns a uniform number below 2**40 into a method and a path; the same number always gives the same."""

    def __init__(self, requests: tuple[Request, ...]) -> None:
        total = sum(request.weight for request in requests)
        self._edges = [edge / total * _RESOLUTION for edge in accumulate(request.weight for request in requests)]
        self._requests = requests

    def pick(self, number: int) -> tuple[Method, str]:
        """Return the method and the path with its parameters filled in."""
        choice = min(bisect_right(self._edges, number % _RESOLUTION), len(self._requests) - 1)
        request = self._requests[choice]
        path, rest = request.path, number // _RESOLUTION
        for name, values in request.parameters:
            rest, at = divmod(rest, len(values))
            path = path.replace(f"{{{name}}}", values[at])
        return request.method, path
