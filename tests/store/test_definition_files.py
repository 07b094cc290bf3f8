"""Only what lies in the folder is read, and no more than a definition can need."""

from pathlib import Path

import pytest

from app.errors.definitions import InvalidDefinition
from app.store.definitions import MAX_BYTES, MAX_FILES, read_folder


def refusal(folder: Path) -> tuple[str, str]:
    with pytest.raises(InvalidDefinition) as caught:
        read_folder(folder)
    (fault,) = caught.value.faults
    return fault.file, fault.code


def test_yaml_files_are_read_and_others_left(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_text("code: 一", "utf-8")
    (tmp_path / "audience.yml").write_bytes(b"\xef\xbb\xbfclasses: []")
    (tmp_path / "README.md").write_text("words", "utf-8")
    (tmp_path / "counts.csv").write_bytes(b"\xff")
    assert read_folder(tmp_path) == {"survey.yaml": "code: 一", "audience.yml": "classes: []"}


def test_missing_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == ("", "missing-folder")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_text("code: a", "utf-8")
    assert refusal(tmp_path / "survey.yaml") == ("", "missing-folder")


def test_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_bytes(b"#" * MAX_BYTES)
    assert len(read_folder(tmp_path)["survey.yaml"]) == MAX_BYTES


def test_larger_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert refusal(tmp_path) == ("survey.yaml", "file-too-large")


def test_endless_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").symlink_to("/dev/zero")
    assert refusal(tmp_path) == ("survey.yaml", "link-out-of-folder")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.yaml").touch()
    assert refusal(tmp_path) == ("", "too-many-files")


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_bytes("标题: 调查".encode("gb18030"))
    assert refusal(tmp_path) == ("survey.yaml", "not-utf-8")


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("key: 1", "utf-8")
    folder = tmp_path / "survey"
    folder.mkdir()
    (folder / "survey.yaml").symlink_to(tmp_path / "secret.yaml")
    assert refusal(folder) == ("survey.yaml", "link-out-of-folder")


def test_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "shared.txt").write_text("code: a", "utf-8")
    (tmp_path / "survey.yaml").symlink_to(tmp_path / "shared.txt")
    assert read_folder(tmp_path) == {"survey.yaml": "code: a"}


def test_folder_with_the_name_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").mkdir()
    assert refusal(tmp_path) == ("survey.yaml", "not-a-file")
