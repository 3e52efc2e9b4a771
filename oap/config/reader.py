"""Reads typed sections out of a configuration file, noting origins and collecting every problem."""

from collections.abc import Iterable, Mapping

from oap.config.effective import EffectiveValue, Origin, shown
from oap.config.finding import near_match
from oap.config.modules import Module, SectionT
from oap.config.placeholders import PlaceholderError, Resolved, resolve
from oap.config.setting import Setting, Value, refused_of, settings_of, value_text
from oap.config.yaml_source import YamlNode, YamlReport


class SectionReader:
    """Goes through the modules of one file; for what cannot be used, a finding and the built-in default stand in."""

    def __init__(
        self, root: YamlNode, report: YamlReport, environ: Mapping[str, str], modules: tuple[str, ...]
    ) -> None:
        self._report = report
        self._environ = environ
        self._root = root
        self._entries = report.mapping(root, modules)
        self._places: dict[str, YamlNode] = {}
        self.values: dict[str, EffectiveValue] = {}
        self.selectors: dict[str, str] = {}

    def required(self, module: Module[SectionT]) -> SectionT:
        """Section of a module that cannot be switched off."""
        section = self.optional(module)
        return module.providers[module.selected]() if section is None else section

    def optional(self, module: Module[SectionT]) -> SectionT | None:
        """Section of a module; None when its selector switches it off."""
        node = self._entries.get(module.name)
        blocks = {} if node is None else self._blocks(node, module)
        provider = self._provider(module, blocks.get("selector"))
        self.selectors[module.name] = provider
        for name, block in blocks.items():
            if name in module.providers and name != provider:
                self._entries_of(block, module.providers[name])
        if provider in module.off:
            return None
        return self._section(module.providers[provider], f"{module.name}.{provider}", blocks.get(provider))

    def chosen(self, module: Module[SectionT], provider: str) -> SectionT:
        """Section of one provider of a module, whichever is selected."""
        node = self._entries.get(module.name)
        block = None if node is None else self._blocks(node, module).get(provider)
        return self._section(module.providers[provider], f"{module.name}.{provider}", block)

    def error(self, path: str, message: str, hint: str = "") -> None:
        """Report a problem at the value with a path, at the top of the file when only a default is to blame."""
        self._report.error(self._places.get(path, self._root), message, hint)

    def _blocks(self, node: YamlNode, module: Module[SectionT]) -> Mapping[str, YamlNode]:
        return self._report.mapping(node, ["selector", *module.providers, *(o for o in module.off if o != "-")])

    def _provider(self, module: Module[SectionT], node: YamlNode | None) -> str:
        path = f"{module.name}.provider"
        resolved = Resolved(module.selected) if node is None else self._resolved(node)
        name = module.selected if resolved is None else resolved.text.strip()
        if name not in module.providers and name not in module.off:
            assert node is not None  # noqa: S101  (the default is one of the providers)
            choices = [*module.providers, *module.off]
            self._report.error(node, f"'{node.path}' selects '{name}'{_from(resolved)}", near_match(name, choices))
            name = module.selected
        self._note(path, name, "", node, resolved)
        return name

    def _section(self, section: type[SectionT], path: str, block: YamlNode | None) -> SectionT:
        settings = list(settings_of(section))
        entries = {} if block is None else self._entries_of(block, section)
        values = {
            setting.attribute: self._value(setting, f"{path}.{setting.limits.key}", entries.get(setting.limits.key))
            for setting in settings
        }
        return section(**values)

    def _entries_of(self, block: YamlNode, section: type[SectionT]) -> Mapping[str, YamlNode]:
        """The entries by the keys of the settings; what stands before the first dot of a key is a mapping around it."""
        keys = [setting.limits.key for setting in settings_of(section)]
        refused = refused_of(section)
        groups = {key.partition(".")[0] for key in keys if "." in key}
        entries = dict(self._report.mapping(block, [*(key for key in keys if "." not in key), *groups], refused))
        for group in groups & entries.keys():
            members = self._report.mapping(entries.pop(group), _within(group, keys), _reasons(group, refused))
            entries |= {f"{group}.{key}": node for key, node in members.items()}
        return entries

    def _value(self, setting: Setting, path: str, node: YamlNode | None) -> Value:
        resolved = None if node is None else self._resolved(node)
        value = setting.default
        if node is not None and resolved is not None:
            try:
                value = setting.parse(resolved.text)
            except ValueError as error:
                found = shown(resolved.text, is_secret=setting.limits.is_secret)
                self._report.error(node, f"'{path}' must be {error}, found '{found}'{_from(resolved)}")
        text = shown(value_text(value), is_secret=setting.limits.is_secret)
        self._note(path, text, setting.limits.unit, node, resolved)
        return value

    def _resolved(self, node: YamlNode) -> Resolved | None:
        """Text of a scalar or of a list of scalars; None for null and for what had to be reported."""
        if isinstance(node.value, Mapping):
            self._report.error(node, f"'{node.path}' must be a value, found a mapping")
            return None
        nodes = node.value if isinstance(node.value, tuple) else (node,)
        try:
            parts = [resolve(item.raw, self._environ) for item in nodes if item.value is not None]
        except PlaceholderError as error:
            self._report.error(node, str(error))
            return None
        if not parts and not isinstance(node.value, tuple):
            return None
        variables = tuple(name for part in parts for name in part.variables)
        unset = tuple(name for part in parts for name in part.unset)
        return Resolved(",".join(part.text for part in parts), variables, unset)

    def _note(self, path: str, text: str, unit: str, node: YamlNode | None, resolved: Resolved | None) -> None:
        origin = Origin()
        if node is not None and resolved is not None:
            origin = Origin(node.line, resolved.variables, resolved.unset)
            self._places[path] = node
        self.values[path] = EffectiveValue(text, unit, origin)


def _within(group: str, keys: Iterable[str]) -> list[str]:
    return [key.removeprefix(f"{group}.") for key in keys if key.startswith(f"{group}.")]


def _reasons(group: str, refused: Mapping[str, str]) -> Mapping[str, str]:
    return {key: refused[f"{group}.{key}"] for key in _within(group, refused)}


def _from(resolved: Resolved | None) -> str:
    return f" (from {', '.join(resolved.variables)})" if resolved and resolved.variables else ""
