"""SendGrid, against a stub on this machine: what is sent, and each answer told apart."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from incident.errors import UsageError
from notices.senders import Batch, Outcome, Prints, Recipient
from notices.senders.sendgrid import SendGridSender, request_body

SECRET = "SG.not-a-real-key"  # noqa: S105 - made up, to see that it is never shown


class Stub:
    """A server that answers as told and keeps what it was sent. say: status, headers, body; or a word for trouble."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.answer: tuple[int, dict[str, str], str] | str = (202, {"X-Message-Id": "abc123"}, "")
        self.released = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stub.requests.append((self.path, dict(self.headers), json.loads(body)))
                if stub.answer == "close":
                    self.connection.close()
                    return
                if stub.answer == "slow":
                    stub.released.wait(10)
                    return
                status, headers, text = stub.answer  # type: ignore[misc]  # the words are dealt with above
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a closed connection is meant
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # the client honours the environment's proxies, for a stub as well
    found = Stub()
    yield found
    found.close()


@pytest.fixture
def sender(stub: Stub) -> Callable[..., SendGridSender]:
    def build(timeout: float = 5) -> SendGridSender:
        return SendGridSender({"SENDGRID_API_KEY": SECRET, "INCIDENT_SENDGRID_HOST": stub.host}, timeout=timeout)

    return build


def batch(*recipients: Recipient) -> Batch:
    return Batch(
        letter="people-et",
        version=1,
        digest="sha256:" + "ab12" * 16,
        language="et",
        segment=0,
        attempt=1,
        prints=Prints("Sinu andmed", "Tere «name», «konto»", "<p>Tere «name», «konto»</p>", ("name",)),
        recipients=recipients or (person(41, "Ülle & <Õun>"), person(42, "Tamm; Jüri, jr.")),
        from_name="SmartPact privacy team",
        from_email="privacy@smartpact.example",
        reply_to="answers@smartpact.example",
        dated=datetime(2026, 11, 21, 1, 5, tzinfo=UTC),
    )


def person(position: int, name: str | None) -> Recipient:
    return Recipient(position, f"person{position}@mail.example", name, {"name": name or "customer"})


def test_each_person_is_alone_in_a_personalization(sender: Callable[..., SendGridSender], stub: Stub) -> None:
    assert sender().hand_over(batch()) == Outcome("accepted", reference="abc123")
    ((path, headers, body),) = stub.requests
    assert path == "/v3/mail/send"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Content-Type"].startswith("application/json")
    assert [[to["email"] for to in each["to"]] for each in body["personalizations"]] == [
        ["person41@mail.example"],
        ["person42@mail.example"],
    ]
    assert all("cc" not in each and "bcc" not in each for each in body["personalizations"])


def test_the_text_gets_the_value_as_it_is_and_html_an_escaped_one() -> None:
    body = request_body(batch())
    text, page = (part["value"] for part in body["content"])
    for content, expected in (
        (text, "Tere Ülle & <Õun>, «konto»"),
        (page, "<p>Tere Ülle &amp; &lt;Õun&gt;, «konto»</p>"),
    ):
        for key, value in body["personalizations"][0]["substitutions"].items():
            content = content.replace(key, value)  # noqa: PLW2901 - as the service does it
        assert content == expected


def test_nothing_about_a_person_is_in_custom_args() -> None:
    body = request_body(batch())
    assert body["custom_args"] == {"letter": "ab12ab12ab12ab12"}
    assert [each["custom_args"] for each in body["personalizations"]] == [{"position": "41"}, {"position": "42"}]


def test_tracking_is_off_and_the_bypasses_are_the_ones_on_record(sender: Callable[..., SendGridSender]) -> None:
    body = request_body(batch())
    assert not any(setting["enable"] for setting in body["tracking_settings"].values())
    assert set(body["mail_settings"]) == {"bypass_unsubscribe_management", "bypass_spam_management"}
    assert sender().choices["bypass"] == ["unsubscribe", "spam"]
    assert sender().choices["tracking"] == "off"


def test_a_name_holds_no_sign_that_makes_the_service_refuse_the_whole_request() -> None:
    to = [
        each["to"][0]
        for each in request_body(batch(person(1, "Tamm; Jüri, jr."), person(2, ";,"), person(3, None)))[
            "personalizations"
        ]
    ]
    assert [entry.get("name") for entry in to] == ["Tamm Jüri jr.", None, None]


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (400, "refused", "not well formed"),
        (401, "refused", "API key was not accepted"),
        (403, "refused", "sender's address is not allowed"),
        (404, "refused", "answered 404"),
        (413, "refused", "too large"),
        (429, "refused", "try again later"),
        (500, "unknown", "may have taken the batch"),
        (502, "unknown", "may have taken the batch"),
        (503, "unknown", "may have taken the batch"),
        (204, "unknown", "neither yes nor no"),
    ],
)
def test_each_answer_is_told_apart(
    sender: Callable[..., SendGridSender], stub: Stub, status: int, outcome: str, words: str
) -> None:
    stub.answer = (status, {}, "")
    found = sender().hand_over(batch())
    assert found.outcome == outcome
    assert words in str(found.why)
    assert not found.by_rule
    assert len(stub.requests) == 1


def test_a_sandbox_takes_the_letters_and_sends_none(sender: Callable[..., SendGridSender], stub: Stub) -> None:
    stub.answer = (200, {}, "")
    found = sender().hand_over(batch())
    assert (found.outcome, found.by_rule) == ("refused", True)
    assert "sandbox" in str(found.why)


def test_the_reason_of_a_refusal_names_a_position_and_never_an_address(
    sender: Callable[..., SendGridSender], stub: Stub
) -> None:
    error = {"message": "person42@mail.example is not valid", "field": "personalizations.1.to.0.email"}
    stub.answer = (400, {}, json.dumps({"errors": [error, {"message": "x", "field": "<b>person42@mail.example"}]}))
    why = str(sender().hand_over(batch()).why)
    assert "to.0.email of position 42" in why
    assert "person42@" not in why


@pytest.mark.parametrize("body", ["", "not json", "[]", '{"errors": 3}', '{"errors": [null]}'])
def test_an_odd_body_of_a_refusal_is_survived(sender: Callable[..., SendGridSender], stub: Stub, body: str) -> None:
    stub.answer = (400, {}, body)
    assert sender().hand_over(batch()).outcome == "refused"


def test_a_slow_answer_is_unknown(sender: Callable[..., SendGridSender], stub: Stub) -> None:
    stub.answer = "slow"
    assert sender(timeout=0.1).hand_over(batch()) == Outcome("unknown", why="no answer came in time")


def test_a_connection_that_closes_is_unknown(sender: Callable[..., SendGridSender], stub: Stub) -> None:
    stub.answer = "close"
    found = sender().hand_over(batch())
    assert found == Outcome("unknown", why="the connection was lost before an answer came")


def test_where_nobody_listens_nobody_was_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
    made = SendGridSender({"SENDGRID_API_KEY": SECRET, "INCIDENT_SENDGRID_HOST": host})
    assert made.hand_over(batch()) == Outcome("refused", why="SendGrid could not be reached")


def test_more_than_a_thousand_or_too_large_never_leaves(
    sender: Callable[..., SendGridSender], stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sender().hand_over(batch(*(person(number, "x") for number in range(1_001))))
    assert (found.outcome, found.by_rule) == ("refused", True)
    monkeypatch.setattr("notices.senders.sendgrid.SIZE_LIMIT", 100)
    assert "too many" in str(sender().hand_over(batch()).why)
    assert stub.requests == []


def test_without_a_key_nothing_is_built(stub: Stub) -> None:
    with pytest.raises(UsageError, match=r"key for SendGrid is not set \(SENDGRID_API_KEY\)"):
        SendGridSender({"INCIDENT_SENDGRID_HOST": stub.host})


@pytest.mark.parametrize(
    "host", ["https://elsewhere.example", "http://api.sendgrid.com", "http://127.0.0.1.example", "["]
)
def test_a_list_of_people_goes_to_no_other_host(host: str) -> None:
    with pytest.raises(UsageError, match="not an address of SendGrid") as error:
        SendGridSender({"SENDGRID_API_KEY": SECRET, "INCIDENT_SENDGRID_HOST": host})
    assert SECRET not in "".join(error.value.lines())


def test_the_european_host_may_be_chosen() -> None:
    SendGridSender({"SENDGRID_API_KEY": SECRET, "INCIDENT_SENDGRID_HOST": "https://api.eu.sendgrid.com/"})


def test_what_is_attached_goes_along() -> None:
    plain = batch()
    assert "attachments" not in request_body(plain)
    prints = replace(plain.prints, attachments=(("people-en-v1.pdf", b"%PDF"),))
    assert request_body(replace(plain, prints=prints))["attachments"] == [
        {"content": "JVBERg==", "type": "application/pdf", "filename": "people-en-v1.pdf"}
    ]
