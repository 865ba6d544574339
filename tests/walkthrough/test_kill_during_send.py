"""Kill -9 a rehearsed send at any moment, or run two at once: no person twice, none lost, and the numbers add up."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from ready_to_send import Ready, people

PEOPLE = 3_000
TIMES = 10


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    found = Ready(tmp_path / "ws")
    rows = people(PEOPLE, locales=("en", "en", "en", "et"))
    rows[17] = (None, "No Address", "en")
    rows[1_018] = ("broken", "Broken Address", "en")
    rows[2_401] = (rows[16][0], "Same Address", "en")
    found.seal(rows, same_address=[2_401], segment=250)
    found.letter("en")
    return found


def start(ready: Ready, *words: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "INCIDENT_WORKSPACE": str(ready.folder), "INCIDENT_ACTOR": "mari"}
    command = [sys.executable, "-m", "incident", "notice", *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> dict[str, object]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    document: dict[str, object] = json.loads(out)
    return document


def wait_for_letters(ready: Ready, process: subprocess.Popen[bytes], more_than: int) -> None:
    """Until the process has visibly begun to write beyond what was there, or has ended."""
    folder = ready.folder / "incidents" / "2026-001" / "letters" / "people-en" / "outbox"
    while process.poll() is None and sum(len(files) for *_, files in os.walk(folder)) <= more_than:
        time.sleep(0.001)


def assert_everyone_has_one_letter(ready: Ready, counts: dict[str, object]) -> None:
    addresses = Counter(
        message_from_bytes(file.read_bytes(), policy=policy.default)["To"].addresses[0].addr_spec
        for file in ready.outbox_files("people-en")
    )
    left_out = {17, 1_018, 2_401}
    expected = {f"person{place}@mail.example" for place in range(PEOPLE) if place % 4 != 3} - {
        f"person{place}@mail.example" for place in left_out
    }
    assert set(addresses) == expected
    assert set(addresses.values()) == {1}
    assert (counts["planned"], counts["accepted"], counts["skipped"]) == (2_250, 2_247, 3)
    assert (counts["waiting"], counts["refused"], counts["unknown"]) == (0, 0, 0)
    outbox = ready.folder / "incidents" / "2026-001" / "letters" / "people-en" / "outbox" / "v1"
    assert sorted(entry.name for entry in outbox.iterdir()) == [f"{segment:04d}" for segment in range(12)]


def test_killed_ten_times_at_random_nobody_is_written_to_twice_and_nobody_is_lost(ready: Ready) -> None:
    chance = random.Random(72)  # noqa: S311 - the same moments each time, as far as a scheduler allows
    letters = ready.folder / "incidents" / "2026-001" / "letters" / "people-en" / "outbox"
    for kill in range(TIMES):
        process = start(ready, "send", "people-en")
        there = sum(len(files) for *_, files in os.walk(letters))
        if kill % 5:  # every fifth is killed before or while it reads the list
            wait_for_letters(ready, process, there + chance.randrange(400))
        else:
            time.sleep(chance.random() * 0.8)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    counts = ended(start(ready, "send", "people-en", "--json"))
    assert_everyone_has_one_letter(ready, counts)
    assert ended(start(ready, "send", "people-en", "--json")) == counts


def test_two_at_once_write_every_letter_once(ready: Ready) -> None:
    both = [start(ready, "send", "people-en", "--json") for _ in range(2)]
    for process in both:
        ended(process)
    assert_everyone_has_one_letter(ready, ended(start(ready, "outbox", "people-en", "--json")))
