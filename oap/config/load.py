"""application.yml and the environment to one frozen ``Config``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from oap.config import modules
from oap.config.checks import LAWS
from oap.config.config import Config
from oap.config.reader import SectionReader
from oap.config.sections import StorageSection
from oap.config.yaml_source import parse, read_text

FILE_NAME: Final = "application.yml"


def load_config(directory: Path, environ: Mapping[str, str]) -> Config:
    """Read ``application.yml`` of a directory; raises ConfigError with all findings at once."""
    path = directory / FILE_NAME
    root, report = parse(read_text(path), str(path))
    reader = SectionReader(root, report, environ, modules.MODULE_NAMES)
    config = Config(
        directory=directory,
        core=reader.required(modules.CORE),
        storage=reader.required(modules.STORAGE),
        sharing_server=reader.required(modules.SHARING_SERVER),
        ebpf_receiver=reader.required(modules.EBPF_RECEIVER),
        window=reader.required(modules.WINDOW),
        kubernetes_registry=reader.required(modules.KUBERNETES_REGISTRY),
        query=reader.required(modules.QUERY),
        telemetry=reader.optional(modules.TELEMETRY),
        health_checker=reader.optional(modules.HEALTH_CHECKER),
        promql=reader.optional(modules.PROMQL),
        admin=reader.optional(modules.ADMIN),
        logs=reader.required(modules.LOGS),
        selectors=reader.selectors,
        values=reader.values,
    )
    for law in LAWS:
        for place, message, hint in law(config):
            reader.error(place, message, hint)
    report.raise_findings()
    return config


def load_storage_section(directory: Path, environ: Mapping[str, str], provider: str) -> StorageSection:
    """Settings of one storage backend, whichever is selected; raises ConfigError with all findings about them."""
    path = directory / FILE_NAME
    root, report = parse(read_text(path), str(path))
    section = SectionReader(root, report, environ, modules.MODULE_NAMES).chosen(modules.STORAGE, provider)
    report.raise_findings()
    return section
