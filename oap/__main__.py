"""``python -m oap``."""

from oap.cli import main

main()
