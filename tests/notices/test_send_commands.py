"""`incident notice send` and `incident notice outbox`, as a person types them."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ready_to_send import NOW, Ready, people

from incident.cli import main

Run = Callable[..., tuple[int, str, str]]


class Service(HTTPServer):
    """Answers each request with the next of `statuses`, then with 202, and counts people."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.people: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses.pop(0) if self.server.statuses else 202
        if status == 202:
            self.server.people += [each["to"][0]["email"] for each in body["personalizations"]]
        self.send_response(status)
        self.send_header("X-Message-Id", "abc123")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Service()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, **environ: str) -> tuple[int, str, str]:
        environ = {"INCIDENT_WORKSPACE": str(tmp_path / "ws"), "INCIDENT_ACTOR": "mari", **environ}
        code = main(["notice", *words], environ=environ, now=lambda: NOW)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def prepared(tmp_path: Path, *, invented: bool = True, exercise: bool = False) -> Ready:
    ready = Ready(tmp_path / "ws", invented=invented, exercise=exercise)
    ready.seal([*people(298, locales=("en",)), (None, "x", "en"), ("broken", "x", "en")], segment=100)
    ready.letter(audience=("en",))
    return ready


def real(service: Service, *words: str) -> tuple[list[str], dict[str, str]]:
    host = f"http://127.0.0.1:{service.server_address[1]}"
    environ = {"SENDGRID_API_KEY": "SG.made-up", "INCIDENT_SENDGRID_HOST": host}
    return ["send", "people-en", "--sender", "sendgrid", "--really-send", *words], environ


def test_without_more_words_it_rehearses_and_says_where_the_letters_lie(run: Run, tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    code, out, err = run("send", "people-en")
    assert (code, err) == (0, "")
    assert "rehearsed (folder): for 300 accounts on list s1" in out
    assert "skipped: 1, no address is known" in out
    assert "skipped: 1, the address cannot work" in out
    assert "nobody was reached, and no duty is met" in out
    assert str(ready.folder / "incidents" / "2026-001" / "letters" / "people-en" / "outbox") in out
    assert len(ready.outbox_files("people-en")) == 298


def test_the_outbox_is_the_contracts_document_before_and_after(run: Run, tmp_path: Path) -> None:
    prepared(tmp_path)
    before = json.loads(run("outbox", "people-en", "--json")[1])
    assert (before["planned"], before["waiting"], before["channel"]) == (300, 300, None)
    sent = json.loads(run("send", "people-en", "--json")[1])
    after = json.loads(run("outbox", "people-en", "--json")[1])
    assert sent == after
    names = ("planned", "handed_over", "accepted", "refused", "skipped", "unknown")
    assert [after[name] for name in names] == [300, 298, 298, 0, 2, 0]


def test_the_outbox_of_all_letters_adds_them_up(run: Run, tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    ready.letter(kind="authority")
    run("send", "people-en")
    document = json.loads(run("outbox", "--json")[1])
    assert (document["planned"], document["accepted"], document["waiting"]) == (301, 298, 1)
    assert [each["notice"] for each in document["letters"]] == ["people-en", "authority-en"]
    assert "authority-en version 1, not sent yet: for 1" in run("outbox")[1]


def test_an_authority_without_an_address_stops_no_outbox(run: Run, tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    ready.letter(kind="authority")
    profile = ready.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8").replace('email = "notices@authority.example"\n', "")
    profile.write_text(text, encoding="utf-8")
    code, out, _ = run("outbox")
    assert code == 0
    assert "authority-en version 1, not sent yet: for 1" in out
    assert run("send", "authority-en")[0] == 3


def test_a_rehearsal_may_go_to_a_folder_of_ones_own(run: Run, tmp_path: Path) -> None:
    prepared(tmp_path)
    run("send", "people-en")
    code, _, _ = run("send", "people-en", "--out", str(tmp_path / "look"))
    assert code == 0
    assert len(list((tmp_path / "look").rglob("*.eml"))) == 298


def test_a_real_send_reaches_everyone_once_and_makes_the_letter_sent(
    run: Run, tmp_path: Path, service: Service
) -> None:
    prepared(tmp_path, invented=False)
    words, environ = real(service)
    code, out, _ = run(*words, **environ)
    assert code == 0
    assert "people-en version 1, sent: for 300" in out
    assert sorted(service.people) == sorted(f"person{place}@mail.example" for place in range(298))
    code, out, _ = run(*words, **environ)
    assert (code, len(service.people)) == (0, 298)
    assert "There was nothing left to do." in out


def test_who_drafted_approved_and_sent_a_letter_are_three_answers(run: Run, tmp_path: Path, service: Service) -> None:
    prepared(tmp_path, invented=False)
    words, environ = real(service)
    assert run(*words, **environ, INCIDENT_ACTOR="joe")[0] == 0
    out = run("list")[1]
    assert "drafted Sat 2026-11-21 03:05 +02:00 by mari" in out
    assert "approved Sat 2026-11-21 03:05 +02:00 by mari (counsel)" in out
    assert "sent Sat 2026-11-21 03:05 +02:00 by joe" in out
    assert json.loads(run("list", "--json")[1])[0]["sent_by"] == "joe"
    assert "sent by joe" in run("check", "people-en")[1]


def test_a_refused_key_stops_with_exit_4_and_the_next_run_goes_on(run: Run, tmp_path: Path, service: Service) -> None:
    prepared(tmp_path, invented=False)
    service.statuses = [202, 401]
    words, environ = real(service)
    code, out, err = run(*words, **environ)
    assert (code, out) == (4, "")
    assert "the API key was not accepted" in err
    assert "goes on where it stopped" in err
    assert "SG.made-up" not in err
    assert "people-en version 1, sending not finished: for 300 accounts" in run("outbox", "people-en")[1]
    assert run(*words, **environ)[0] == 0
    assert len(service.people) == len(set(service.people)) == 298


def test_a_lost_answer_is_listed_and_sent_again_only_with_a_reason(run: Run, tmp_path: Path, service: Service) -> None:
    prepared(tmp_path, invented=False)
    service.statuses = [500]
    words, environ = real(service)
    assert run(*words, **environ)[0] == 4
    code, out, _ = run(*words, **environ)
    assert code == 1
    assert "Batches: 0." in out
    assert "--resend-unknown --because" in out
    assert "Batches: 0." in run("outbox", "people-en")[1]
    code, _, err = run(*words, "--resend-unknown", **environ)
    assert code == 2
    assert "needs a reason" in err
    code, out, _ = run(*words, "--resend-unknown", "--because", "its log is empty", **environ)
    assert code == 0
    assert "people-en version 1, sent: for 300 accounts on list s1" in out
    assert "nothing left to do" not in out
    assert len(service.people) == len(set(service.people)) == 298


def test_a_sandbox_is_refused_with_exit_3(run: Run, tmp_path: Path, service: Service) -> None:
    prepared(tmp_path, invented=False)
    service.statuses = [200]
    words, environ = real(service)
    code, _, err = run(*words, **environ)
    assert code == 3
    assert "sandbox mode, which sends nothing" in err


@pytest.mark.parametrize(
    ("ready", "words", "code", "says"),
    [
        ({"invented": False}, ["--sender", "sendgrid"], 3, "--really-send was not given"),
        ({"invented": False, "exercise": True}, ["--sender", "sendgrid", "--really-send"], 3, "this is an exercise"),
        ({}, ["--sender", "sendgrid", "--really-send"], 3, "its people are invented"),
        ({"invented": False}, ["--sender", "sendgrid", "--really-send"], 2, "key for SendGrid is not set"),
        ({}, ["--really-send"], 2, "A folder reaches nobody"),
        ({}, ["--sender", "pigeon"], 2, 'no sender called "pigeon"'),
        ({}, ["--sender", "sendgrid", "--out", "x"], 2, "--out is for the folder"),
    ],
)
def test_what_must_not_leave_does_not(
    run: Run, tmp_path: Path, ready: dict[str, bool], words: list[str], code: int, says: str
) -> None:
    prepared(tmp_path, **ready)
    found, out, err = run("send", "people-en", *words)
    assert (found, out) == (code, "")
    assert says in err
    assert "Nothing left." in err


def test_a_letter_that_does_not_exist_is_said(run: Run, tmp_path: Path) -> None:
    prepared(tmp_path)
    for command in ("send", "outbox"):
        code, _, err = run(command, "people-xx")
        assert code == 2
        assert 'no letter "people-xx"' in err


def left(run: Run) -> list[tuple[str, str, str]]:
    document = json.loads(run("outbox", "people-en", "--skipped", "--json")[1])
    return [(each["key"], each["state"], each["why"]) for each in document["left_out"]]


BOTH = [
    ("0000298", "skipped", "no address is known"),
    ("0000299", "skipped", "the address cannot work"),
]


def test_the_accounts_that_are_left_out_are_named_before_and_after(run: Run, tmp_path: Path) -> None:
    prepared(tmp_path)
    assert left(run) == BOTH
    run("send", "people-en")
    assert left(run) == BOTH
    out = run("outbox", "people-en", "--skipped")[1]
    assert "  0000298                 skipped  no address is known" in out
    assert "person" not in out
    assert run("outbox", "--skipped")[0] == 2


def test_the_accounts_of_a_lost_and_of_a_refused_batch_are_named(run: Run, tmp_path: Path, service: Service) -> None:
    prepared(tmp_path, invented=False)
    service.statuses = [500]
    words, environ = real(service)
    run(*words, **environ)
    assert [(key, state) for key, state, _ in left(run)] == [(f"{at:07d}", "unknown") for at in range(100)]
    service.statuses = [202, 401]
    run(*words, **environ)
    found = left(run)
    assert [state for _, state, _ in found] == ["unknown"] * 100 + ["refused"] * 98 + ["skipped"] * 2
    assert "the API key was not accepted" in found[150][2]
