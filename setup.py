"""Generates the protocol stubs while the package is built; everything else is in pyproject.toml."""

from pathlib import Path
from typing import ClassVar

from grpc_tools import protoc
from setuptools import Command, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
STUB_PACKAGE = "oap.protocol"


def generate_stubs(root: Path) -> None:
    """Write the Python stubs of ``protos/`` below ``root`` into ``oap/protocol``; a second run changes nothing."""
    sources = sorted(path.relative_to(root / "protos").as_posix() for path in (root / "protos").rglob("*.proto"))
    outputs = [f"--{kind}_out={root}" for kind in ("python", "pyi", "grpc_python")]
    if protoc.main(["protoc", f"-I{root / 'protos'}", *outputs, *sources]) != 0:
        raise SystemExit("the files in protos/ do not compile")
    (root / "oap/protocol/__init__.py").write_text('"""Generated from protos/ at build; not to be edited."""\n')


class BuildWithStubs(build_py):
    """Build step that also serves editable installs, where the stubs stay in the source tree."""

    def run(self) -> None:
        """Generate, then add the package: it may not have existed when packages were looked for."""
        generate_stubs(ROOT)
        if STUB_PACKAGE not in self.packages:
            self.packages.append(STUB_PACKAGE)
        self.package_data.setdefault(STUB_PACKAGE, []).append("*.pyi")
        super().run()


class Stubs(Command):
    """``python setup.py stubs``: generate again after an edit of a .proto file, without an installation."""

    description = "generate oap/protocol from protos/"
    user_options: ClassVar[list[tuple[str, str | None, str]]] = []

    def initialize_options(self) -> None:
        """Have no options."""

    def finalize_options(self) -> None:
        """Have no options."""

    def run(self) -> None:
        """Generate."""
        generate_stubs(ROOT)


setup(cmdclass={"build_py": BuildWithStubs, "stubs": Stubs})
