"""``oap oal fmt``."""

from pathlib import Path

import pytest

from tests.oap.commands.oal_run import run

_LOOSE = "m=from( K8SService.* ).cpm() // how many\n"
_LAID = "m = from(K8SService.*).cpm();  // how many\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new.oal"
    path.write_text(_LOOSE, encoding="utf-8")
    return path


def test_a_file_is_laid_out_in_place(file: Path) -> None:
    file.chmod(0o640)
    result = run("fmt", str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{file}: laid out\n")
    assert file.read_text(encoding="utf-8") == _LAID
    assert (file.stat().st_mode & 0o777, list(file.parent.iterdir())) == (0o640, [file])


def test_a_file_in_canonical_layout_is_not_written(file: Path) -> None:
    file.write_text(_LAID, encoding="utf-8")
    file.chmod(0o400)
    before = file.stat().st_mtime_ns, file.stat().st_ino
    result = run("fmt", str(file))
    assert (result.exit_code, result.stderr) == (0, "")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_a_link_keeps_pointing_to_its_file(file: Path) -> None:
    link = file.with_name("link.oal")
    link.symlink_to(file)
    assert run("fmt", str(link)).exit_code == 0
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == _LAID


def test_line_ends_and_byte_order_marks_are_laid_out(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + _LAID.replace("\n", "\r\n").encode())
    assert run("fmt", "--check", str(file)).exit_code == 1
    assert run("fmt", str(file)).exit_code == 0
    assert file.read_bytes() == _LAID.encode()


def test_standard_input_goes_to_standard_output() -> None:
    result = run("fmt", "-", stdin=_LOOSE)
    assert (result.exit_code, result.stdout) == (0, _LAID)


def test_check_names_the_files_and_changes_nothing(file: Path) -> None:
    good = file.with_name("good.oal")
    good.write_text(_LAID, encoding="utf-8")
    result = run("fmt", "--check", str(file.parent))
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{file} is not in canonical layout\n")
    assert file.read_text(encoding="utf-8") == _LOOSE
    assert run("fmt", "--check", str(good)).exit_code == 0


def test_check_can_show_the_changes(file: Path) -> None:
    result = run("fmt", "--check", "--diff", str(file))
    assert result.stdout == (
        f"--- {file}\n+++ {file} (canonical)\n@@ -1 +1 @@\n"
        "-m=from( K8SService.* ).cpm() // how many\n"
        "+m = from(K8SService.*).cpm();  // how many\n"
    )


def test_files_with_syntax_errors_stay_and_fail_while_others_are_laid_out(file: Path) -> None:
    bad = file.with_name("bad.oal")
    bad.write_text("m = from(K8SService.*.cpm();", encoding="utf-8")
    result = run("fmt", str(bad), str(file))
    assert (result.exit_code, "bad.oal:1:22: error E102: missing ')' before '.'" in result.stderr) == (1, True)
    assert bad.read_text(encoding="utf-8") == "m = from(K8SService.*.cpm();"
    assert file.read_text(encoding="utf-8") == _LAID


def test_other_mistakes_do_not_hinder(file: Path) -> None:
    file.write_text("m=from(Nope.*).nope();", encoding="utf-8")
    assert run("fmt", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == "m = from(Nope.*).nope();\n"
