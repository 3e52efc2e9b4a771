"""The canonical text of a syntax tree: reading it again gives an equal tree."""

from oal.syntax import (
    Argument,
    Condition,
    Disable,
    EnumConstant,
    Literal,
    LiteralList,
    Null,
    Number,
    Path,
    Rule,
    Script,
    Source,
    Statement,
    Step,
    Text,
    Truth,
)

_ESCAPES = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def script_text(script: Script) -> str:
    """One statement per line."""
    return "".join(f"{statement_text(statement)}\n" for statement in script.statements)


def statement_text(statement: Statement) -> str:
    """One statement with its ``;``."""
    if isinstance(statement, Disable):
        return f"disable({statement.name.text});"
    return rule_text(statement)


def rule_text(rule: Rule) -> str:
    """A rule with its ``;``."""
    filters = "".join(f".filter({condition_text(condition)})" for condition in rule.filters)
    arguments = ", ".join(map(argument_text, rule.call.arguments))
    decorator = f".decorator({literal_text(rule.decorator)})" if rule.decorator is not None else ""
    return f"{rule.name.text} = {source_text(rule.source)}{filters}.{rule.call.name.text}({arguments}){decorator};"


def source_text(source: Source) -> str:
    """``from(...)``."""
    cast = source.cast if source.path is None else source.path.cast
    path = "*" if source.path is None else _steps_text(source.path)
    return f"from({_cast_text(cast)}{source.scope.text}.{path})"


def condition_text(condition: Condition) -> str:
    """A condition as it stands in a filter."""
    return f"{path_text(condition.path)} {condition.operator} {literal_text(condition.literal)}"


def argument_text(argument: Argument) -> str:
    """An argument of a function."""
    if isinstance(argument, Condition):
        return condition_text(argument)
    return path_text(argument) if isinstance(argument, Path) else literal_text(argument)


def path_text(path: Path) -> str:
    """A path with its cast."""
    return _cast_text(path.cast) + _steps_text(path)


def literal_text(literal: Literal) -> str:
    """A literal."""
    match literal:
        case Number(digits=digits):
            return digits
        case Text(value=value):
            return quoted(value)
        case Truth(value=truth):
            return "true" if truth else "false"
        case Null():
            return "null"
        case EnumConstant(type=type_, constant=constant):
            return f"{type_.text}.{constant.text}"
        case LiteralList(items=items):
            return f"[{', '.join(map(literal_text, items))}]"


def quoted(text: str) -> str:
    """The text as a string literal; what cannot be seen is escaped."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _cast_text(cast: str) -> str:
    return f"({cast})" if cast else ""


def _steps_text(path: Path) -> str:
    return ".".join(map(_step_text, path.steps))


def _step_text(step: Step) -> str:
    return step.name if step.key is None else f"{step.name}[{quoted(step.key)}]"
