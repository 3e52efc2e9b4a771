"""Reading steps out of pages."""

from pathlib import Path

from tests.docs.markdown_steps import Step, steps, take

PAGE = """Text.

```sh
echo one
```

says

```text
one
```

```yaml a.yml
k: 1
```

```sh wait
cat a.yml none
```
"""


def page(folder: Path) -> Path:
    file = folder / "page.md"
    file.write_text(PAGE, encoding="utf-8")
    return file


def test_blocks_become_steps_with_their_answers(tmp_path: Path) -> None:
    assert steps(page(tmp_path)) == [
        Step("sh", "", "echo one\n", 3, "one\n"),
        Step("yaml", "a.yml", "k: 1\n", 13),
        Step("sh", "wait", "cat a.yml none\n", 17),
    ]


def test_files_are_written_and_commands_run_beside_them(tmp_path: Path) -> None:
    said = [take(step, tmp_path, {"LC_ALL": "C"}) for step in steps(page(tmp_path))]
    assert said == ["one\n", "", "k: 1\ncat: none: No such file or directory\n"]
