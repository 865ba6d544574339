from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme import Programme

from incident.errors import OutsideError, RecordIntegrityError, UsageError
from incident.record.canonical import canonical
from incident.scope import actions
from incident.scope.sealed import Sealer, chain_start, check_sealed, linked, plain_lines, read_segments, same_address
from incident.workspace import Workspace

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


def in_plain(file: Path) -> Path:
    """The same list as an earlier version of the program wrote it."""
    plain = file.with_name("plain.jsonl")
    plain.write_bytes(b"".join(plain_lines(file)))
    return plain


def pieces_of(whole: bytes) -> list[bytes]:
    """The stored parts that a list is made of: its first line, and each line or frame after it."""
    if not whole.startswith(b"incident-sealed-list-2 "):
        return whole.splitlines(keepends=True)
    at = whole.index(b"\n") + 1
    pieces = [whole[:at]]
    while at < len(whole):
        end = at + 4 + (int.from_bytes(whole[at : at + 4]) & 0x7FFF_FFFF)
        pieces.append(whole[at:end])
        at = end
    return pieces


@pytest.fixture(params=["encrypted", "plain"])
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A list in each form that is read, and its digest."""
    rows = [row(f"{number:05}") for number in range(2500)]
    file, digest = seal(tmp_path, rows, [f"{number:05}" for number in range(1200)])
    return (file if request.param == "encrypted" else in_plain(file)), digest


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
    header, *lines = b"".join(plain_lines(file)).splitlines()
    previous = hashlib.sha256(header).hexdigest()
    for line in lines:
        document = json.loads(line)
        assert document["previous"] == previous
        previous = document.pop("hash")
        spelt = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        assert hashlib.sha256(spelt).hexdigest() == previous
    assert digest == f"sha256:{previous}"


def test_only_its_owner_may_read_a_list_and_its_key(sealed: tuple[Path, str]) -> None:
    file = seal(sealed[0].parent / "other", [row("1")])[0]
    assert {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()} == {0o600}


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.integers(0, 6), st.integers(0, 6), st.sampled_from(["swapped", "left out", "repeated"]))
def test_a_part_left_out_moved_or_repeated_is_noticed(sealed: tuple[Path, str], one: int, other: int, how: str) -> None:
    file, digest = sealed
    parts = pieces_of(file.read_bytes())
    changed = file.with_name("changed.jsonl")
    if how == "swapped" and one != other:
        parts[one], parts[other] = parts[other], parts[one]
    elif how == "repeated":
        parts.insert(one, parts[other])
    else:
        del parts[one]
    changed.write_bytes(b"".join(parts))
    with pytest.raises(RecordIntegrityError):
        check_sealed(changed, digest)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_a_list_cut_short_anywhere_is_noticed(sealed: tuple[Path, str], data: st.DataObject) -> None:
    whole = sealed[0].read_bytes()
    changed = sealed[0].with_name("changed.jsonl")
    changed.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(RecordIntegrityError):
        list(read_segments(changed))


def test_a_list_cut_off_behind_a_whole_line_is_noticed_even_while_it_streams(sealed: tuple[Path, str]) -> None:
    sealed[0].write_bytes(b"".join(pieces_of(sealed[0].read_bytes())[:4]))
    with pytest.raises(RecordIntegrityError) as caught:
        list(read_segments(sealed[0]))
    assert "its end is missing" in caught.value.what


def test_what_stands_behind_the_end_is_noticed(sealed: tuple[Path, str]) -> None:
    file, digest = sealed
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(RecordIntegrityError):
        check_sealed(file, digest)


def test_nobody_is_named_in_the_file_and_the_digest_is_that_of_the_list_in_plain(tmp_path: Path) -> None:
    rows = [row("1", "Mari Maasikas"), row("2", "O'Neill")]
    file, digest = seal(tmp_path / "one", rows)
    other, same = seal(tmp_path / "other", rows)
    whole = file.read_bytes()
    assert not [word for word in (b"Maasikas", b"example.com", b"segment", b"accounts") if word in whole]
    assert digest == same
    assert whole[200:] != other.read_bytes()[200:]  # each has its own key
    plain = in_plain(file)
    assert b"Maasikas" in plain.read_bytes()
    check_sealed(plain, digest)
    (tmp_path / "other" / "keys.json").replace(tmp_path / "one" / "keys.json")
    with pytest.raises(RecordIntegrityError):  # the key of one list opens no other
        check_sealed(file, digest)


def test_a_frame_of_another_list_under_the_same_key_number_is_noticed(tmp_path: Path) -> None:
    file, digest = seal(tmp_path / "one", [row("1")])
    other, _ = seal(tmp_path / "other", [row("1")])
    parts, others = pieces_of(file.read_bytes()), pieces_of(other.read_bytes())
    file.write_bytes(b"".join([*parts[:2], others[2], *parts[3:]]))
    with pytest.raises(RecordIntegrityError, match="line 2 was changed"):
        check_sealed(file, digest)


def test_a_length_that_lies_makes_no_room_for_it(tmp_path: Path) -> None:
    file, digest = seal(tmp_path, [row("1")])
    first, frame, *rest = pieces_of(file.read_bytes())
    file.write_bytes(b"".join([first, b"\x7f\xff\xff\xff" + frame[4:], *rest]))
    with pytest.raises(RecordIntegrityError, match="line 1 is not how"):
        check_sealed(file, digest)


def test_without_its_key_a_list_cannot_be_read_and_the_message_says_where_it_must_be(tmp_path: Path) -> None:
    file, digest = seal(tmp_path, [row("1")])
    (tmp_path / "keys.json").unlink()
    with pytest.raises(RecordIntegrityError, match=r"its key is not in .*keys\.json"):
        check_sealed(file, digest)


def test_a_key_stays_although_the_list_was_renamed(tmp_path: Path) -> None:
    file, digest = seal(tmp_path, [row("1")])
    check_sealed(file.rename(tmp_path / "elsewhere.jsonl"), digest)


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


@pytest.mark.parametrize("room", [0, 10, 200_000, 3_000_000])
def test_a_full_disk_is_one_clear_message_and_leaves_nothing(tmp_path: Path, room: int) -> None:
    program = """
import resource, sys
from pathlib import Path
from incident.errors import OutsideError
from incident.scope import actions
from incident.scope.sealed import Sealer
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    with Sealer(folder) as sealer:
        for segment in range(30):
            sealer.add([(f"{segment:02}{at:04}", "x" * 100, *[None] * 7) for at in range(1000)])
        sealer.finish()
        sealer.name(folder / "s1.jsonl")
except OutsideError as error:
    print(error.what)
print(len(list(folder.iterdir())))
"""
    command = [sys.executable, "-c", program, str(tmp_path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"The sealed list cannot be written in {tmp_path}: File too large.\n0\n", done.stderr


def test_a_folder_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutsideError) as caught:
        Sealer(file)
    assert "cannot be written" in caught.value.what
    assert caught.value.state == "Nothing was sealed."


def test_a_list_that_the_journal_names_outlives_an_interruption(
    breach: Programme, sqlite_store: Any, map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Workspace.record

    def interrupted(*words: Any) -> Any:
        record(*words)
        raise KeyboardInterrupt

    run = ("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), "--everyone")
    monkeypatch.setattr(Workspace, "record", interrupted)
    assert breach.run(*run).code == 130
    assert "the list is the one that was sealed" in breach.ok("scope", "show", "s1").out


def test_what_a_person_laid_beside_the_lists_stays(breach: Programme, sqlite_store: Any, map_file: Path) -> None:
    run = ("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), "--everyone")
    own = Path(breach.json(*run)["file"]).with_name("mine.jsonl")
    breach.ok("scope", "export", "s1", "--sealed", "--out", str(own))
    left_over = own.with_name("s9.jsonl")
    left_over.write_bytes(b"")
    breach.ok(*run)
    assert own.exists()
    assert not left_over.exists()


def test_a_failure_inside_a_run_is_not_taken_for_another_run(
    breach: Programme, sqlite_store: Any, map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_pipe(*_: Any) -> None:
        raise BlockingIOError

    monkeypatch.setattr(actions, "_answer", full_pipe)
    with pytest.raises(BlockingIOError):
        breach.run("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), "--everyone")


def test_a_part_that_the_disk_gives_back_changed_is_not_counted(tmp_path: Path) -> None:
    with Sealer(tmp_path) as sealer:
        sealer.add([["1", *[None] * 8]])
        assert list(sealer.people_so_far()) == [[["1", *[None] * 8]]]
        (part,) = tmp_path.glob("*.part")
        part.write_bytes(part.read_bytes()[:-1] + b"?")
        with pytest.raises(RecordIntegrityError, match="line 2 was changed"):
            list(sealer.people_so_far())
