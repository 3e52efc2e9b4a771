"""Another process: folds calls of its own, takes in dumped windows, and prints what is then stored.

Reads JSON from standard input: ``windows``, files of dumped windows, and ``calls``, fields of the calls to fold first.
"""

import json
import sys
from pathlib import Path

from oap.window.codec import load_window
from tests.oap.window.calls import Call
from tests.oap.window.pipeline_rig import PipelineRig


def main() -> None:
    """Run."""
    given = json.load(sys.stdin)
    rig = PipelineRig()
    rig.accept(*(Call(**fields) for fields in given["calls"]))
    for name in given["windows"]:
        rig.pipeline.book.absorb(load_window(Path(name).read_bytes(), rig.pipeline.plan, rig.pipeline.intern_cell))
    json.dump([[*key, record] for key, record in sorted(rig.stored().items())], sys.stdout)


if __name__ == "__main__":
    main()
