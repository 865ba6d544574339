from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.errors import OutsideError, RecordIntegrityError, UsageError
from incident.record.canonical import canonical
from incident.scope.sealed import Sealer, chain_start, check_sealed, linked, read_segments, same_address

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def row(key: str, name: str | None = None) -> list[str | None]:
    return [key, f"{key}@example.com", name, "et", "EE", None, None, None, None]


def seal(folder: Path, rows: list[list[str | None]], shared: list[str] | None = None) -> tuple[Path, str]:
    with Sealer(folder) as sealer:
        for start in range(0, len(rows), 1000):
            sealer.add(rows[start : start + 1000])
        sealer.same_address(shared or [])
        digest = sealer.finish().digest
        sealer.name(folder / "s1.jsonl")
        sealer.keep()
    return folder / "s1.jsonl", digest


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Path, str]:
    return seal(tmp_path, [row(f"{number:05}") for number in range(2500)], [f"{number:05}" for number in range(1200)])


def test_a_list_reads_back_segment_by_segment(sealed: tuple[Path, str]) -> None:
    file, digest = sealed
    check_sealed(file, digest)
    segments = list(read_segments(file))
    assert [len(segment.people) for segment in segments] == [1000, 1000, 500]
    assert [segment.index for segment in segments] == [0, 1, 2]
    assert segments[2].people[-1].position == 2499
    assert segments[2].people[-1].key == "02499"
    assert segments[0].people[0].categories == ()
    assert len(same_address(file)) == 1200


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    file, digest = seal(tmp_path, [])
    check_sealed(file, digest)
    assert list(read_segments(file)) == []


def test_the_hashes_can_be_checked_without_this_program(sealed: tuple[Path, str]) -> None:
    file, digest = sealed
    header, *lines = file.read_bytes().splitlines()
    previous = hashlib.sha256(header).hexdigest()
    for line in lines:
        document = json.loads(line)
        assert document["previous"] == previous
        previous = document.pop("hash")
        spelt = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        assert hashlib.sha256(spelt).hexdigest() == previous
    assert digest == f"sha256:{previous}"


def test_only_its_owner_may_read_the_file(sealed: tuple[Path, str]) -> None:
    assert stat.S_IMODE(sealed[0].stat().st_mode) == 0o600


@given(st.lists(TEXT, max_size=20))
def test_text_is_spelt_as_canonical_json_spells_it(texts: list[str]) -> None:
    assert orjson.dumps(texts) == canonical(texts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_any_change_of_a_byte_is_noticed(sealed: tuple[Path, str], data: st.DataObject) -> None:
    file, digest = sealed
    whole = file.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = file.with_name("changed.jsonl")
    changed.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    with pytest.raises(RecordIntegrityError):
        check_sealed(changed, digest)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.integers(0, 6), st.integers(0, 6))
def test_a_line_left_out_or_moved_is_noticed(sealed: tuple[Path, str], one: int, other: int) -> None:
    file, digest = sealed
    lines = file.read_bytes().splitlines(keepends=True)
    changed = file.with_name("changed.jsonl")
    lines[one], lines[other] = lines[other], lines[one]
    if one == other:
        del lines[one]
    changed.write_bytes(b"".join(lines))
    with pytest.raises(RecordIntegrityError):
        check_sealed(changed, digest)


def test_a_list_cut_off_behind_a_whole_line_is_noticed_even_while_it_streams(sealed: tuple[Path, str]) -> None:
    lines = sealed[0].read_bytes().splitlines(keepends=True)
    sealed[0].write_bytes(b"".join(lines[:3]))
    with pytest.raises(RecordIntegrityError) as caught:
        list(read_segments(sealed[0]))
    assert "its end is missing" in caught.value.what


def test_another_whole_list_is_not_this_one(sealed: tuple[Path, str], tmp_path: Path) -> None:
    other, _ = seal(tmp_path / "other", [row("1")])
    with pytest.raises(RecordIntegrityError) as caught:
        check_sealed(other, sealed[1])
    assert "it is another list" in caught.value.what
    assert "do not send from it" in str(caught.value.next_step)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RecordIntegrityError, match="No such file"):
        check_sealed(tmp_path / "s1.jsonl", "sha256:0")


@given(st.binary(max_size=50).filter(lambda part: b"\n" not in part), st.binary(max_size=50))
def test_other_content_or_another_past_gives_another_hash(content: bytes, other: bytes) -> None:
    _, one = linked(content, chain_start())
    assert linked(content, "0" * 64)[1] != one
    if other != content:
        assert linked(other, chain_start())[1] != one


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (["1", "1"], "two rows have the same key"),
        (["1", None], "an account has no key"),
    ],
)
def test_a_key_that_names_no_single_account_is_refused(tmp_path: Path, keys: list[Any], says: str) -> None:
    with Sealer(tmp_path) as sealer, pytest.raises(UsageError) as caught:
        sealer.add([row(key) for key in keys])
    assert says in caught.value.what
    assert list(tmp_path.iterdir()) == []


def test_a_key_twice_across_two_segments_is_refused(tmp_path: Path) -> None:
    with Sealer(tmp_path) as sealer:
        sealer.add([row("1"), row("2")])
        with pytest.raises(UsageError):
            sealer.add([row("2")])


def test_accounts_out_of_order_are_refused(tmp_path: Path) -> None:
    with Sealer(tmp_path) as sealer, pytest.raises(OutsideError) as caught:
        sealer.add([row("2"), row("10")])
    assert "order of their keys" in caught.value.what


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with Sealer(tmp_path) as sealer:
            sealer.add([row("1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutsideError) as caught:
        Sealer(file)
    assert "cannot be written" in caught.value.what
    assert caught.value.state == "Nothing was sealed."
