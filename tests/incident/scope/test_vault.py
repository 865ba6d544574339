"""The keys of the lists: kept before a list is named, taken out one by one, never left behind by a kill."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from killed import killed_at

from incident.errors import OutsideError, RecordIntegrityError
from incident.scope.sealed import Sealer, check_sealed
from incident.scope.vault import Vault, new_key


def seal(folder: Path, name: str) -> str:
    with Sealer(folder) as sealer:
        sealer.add([("1", "mari@example.com", *[None] * 7)])
        digest = sealer.finish().digest
        sealer.name(folder / name)
        sealer.keep()
    return digest


def test_a_key_is_private_kept_and_found_again(tmp_path: Path) -> None:
    (one, key), (two, other) = new_key(), new_key()
    vault = Vault(tmp_path)
    assert vault.key_of(one) is None
    vault.keep(one, "s1.jsonl", key)
    vault.keep(two, "s2.jsonl", other)
    assert (vault.key_of(one), vault.key_of(two)) == (key, other)
    assert (len(key), key == other) == (32, False)
    assert stat.S_IMODE(vault.file.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_a_destroyed_key_is_nowhere_in_the_folder_and_the_last_takes_the_file(tmp_path: Path) -> None:
    (one, key), (two, other) = new_key(), new_key()
    vault = Vault(tmp_path)
    vault.keep(one, "s1.jsonl", key)
    vault.keep(two, "s2.jsonl", other)
    with vault.file.open("rb") as old:
        assert vault.destroy(names=["s1.jsonl"]) == 1
        assert set(old.read()) == {0}  # overwritten where it stood
    assert (vault.key_of(one), vault.key_of(two)) == (None, other)
    assert key.hex() not in vault.file.read_text()
    assert vault.destroy(names=["s1.jsonl"]) == 0
    assert vault.destroy(ids=[two]) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_key_that_a_killed_run_left_goes_when_its_name_is_used_again(tmp_path: Path) -> None:
    (one, key), (two, other) = new_key(), new_key()
    vault = Vault(tmp_path)
    vault.keep(one, "s1.jsonl", key)
    vault.keep(two, "s1.jsonl", other)
    assert (vault.key_of(one), vault.key_of(two)) == (None, other)


def test_many_at_once_lose_no_key(tmp_path: Path) -> None:
    made = [new_key() for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: Vault(tmp_path).keep(each[1][0], f"s{each[0]}.jsonl", each[1][1]), enumerate(made)))
    assert [Vault(tmp_path).key_of(list_id) for list_id, _ in made] == [key for _, key in made]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"form":"other","keys":{}}', '{"form":"incident-list-keys-1","keys":{"a":{"list":"s1"}}}'],
)
def test_a_broken_file_of_keys_is_said_and_never_replaced(tmp_path: Path, text: str) -> None:
    vault = Vault(tmp_path)
    vault.file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordIntegrityError, match="file of keys"):
        vault.key_of("a")
    with pytest.raises(RecordIntegrityError):
        vault.keep(*_named())
    assert vault.file.read_text(encoding="utf-8") == text


def test_a_failed_run_takes_its_key_along(tmp_path: Path) -> None:
    def fail() -> None:
        with Sealer(tmp_path) as sealer:
            sealer.finish()
            sealer.name(tmp_path / "s1.jsonl")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_keys_that_cannot_be_written_leave_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Vault, *_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Vault, "keep", full)
    with pytest.raises(OutsideError, match="No space left"):
        seal(tmp_path, "s1.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_killed_at_any_moment_a_list_has_no_name_or_its_key(tmp_path: Path) -> None:
    work = """
from incident.scope.sealed import Sealer
from incident.scope.frames import FrameWriter
from_here_on()
with Sealer(folder) as sealer:
    sealer.add([("1", "mari@example.com", *[None] * 7)])
    sealer.finish()
    sealer.name(folder / "s2.jsonl")
    sealer.keep()
"""
    number, named = 0, 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        first = seal(folder, "s1.jsonl")
        digest = _digest_of_one(tmp_path / "same")
        killed = killed_at(number, folder, work)
        check_sealed(folder / "s1.jsonl", first)
        if (folder / "s2.jsonl").exists():
            named += killed
            check_sealed(folder / "s2.jsonl", digest)
        if not killed:
            break
    assert number > 5
    assert named


def test_killed_at_any_moment_the_other_keys_stay_and_no_draft_keeps_the_destroyed_one(tmp_path: Path) -> None:
    number, stayed = 0, 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        first, second = seal(folder, "s1.jsonl"), seal(folder, "s2.jsonl")
        keys = json.loads((folder / "keys.json").read_bytes())["keys"].values()
        key = next(entry["key"] for entry in keys if entry["list"] == "s1.jsonl")
        work = "from incident.scope.vault import Vault\nfrom_here_on()\nVault(folder).destroy(names=['s1.jsonl'])"
        killed = killed_at(number, folder, work)
        check_sealed(folder / "s2.jsonl", second)
        try:
            check_sealed(folder / "s1.jsonl", first)
            stayed += 1
        except RecordIntegrityError:
            pass
        Vault(folder).destroy(names=["s1.jsonl"])  # what the next run does
        assert not [file for file in folder.iterdir() if key.encode() in file.read_bytes()]
        check_sealed(folder / "s2.jsonl", second)
        if not killed:
            break
    assert stayed


def test_a_draft_that_a_killed_process_left_goes_with_the_last_key(tmp_path: Path) -> None:
    list_id, name, key = _named()
    Vault(tmp_path).keep(list_id, name, key)
    (tmp_path / "keys.draft").write_bytes((tmp_path / "keys.json").read_bytes())
    Vault(tmp_path).destroy(ids=[list_id])
    assert list(tmp_path.iterdir()) == []


def test_the_library_behind_it_is_loaded_only_for_who_touches_a_list() -> None:
    program = "import sys, incident.commands, incident.scope.commands; print('cryptography' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded == "False\n"


def _named() -> tuple[str, str, bytes]:
    list_id, key = new_key()
    return list_id, "s1.jsonl", key


def _digest_of_one(folder: Path) -> str:
    return seal(folder, "s1.jsonl")
