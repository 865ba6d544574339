"""
SendGrid: letters that reach people. One request a batch, one personalization a person.

Decisions, each for a letter the law demands (docs/sending.md says more):
- One personalization each: several people in one would see each other's addresses, a second breach.
- Click, open and subscription tracking and analytics are off: they rewrite links and add pixels and footers.
- A marketing unsubscribe or an old spam report does not stop the letter; an address that bounced before does.
- Nothing about the person in custom_args, which are kept and cannot be erased: the letter's digest and a position.
- 202 means taken, not delivered. No answer, or a server's failure, means unknown, and is never sent again unasked.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import orjson
from python_http_client.exceptions import HTTPError
from sendgrid.sendgrid import SendGridAPIClient

from incident.errors import UsageError
from incident.record.canonical import Json
from notices.senders import BATCH_LIMIT, Batch, Outcome, Prints, Recipient, fill, for_html

KEY = "SENDGRID_API_KEY"
HOST = "INCIDENT_SENDGRID_HOST"
HOSTS = ("https://api.sendgrid.com", "https://api.eu.sendgrid.com")
TIMEOUT_SECONDS = 30.0
SIZE_LIMIT = 30_000_000  # "under 30 MB", compressed or not

_REFUSALS = {
    400: "the request was not well formed",
    401: "the API key was not accepted",
    403: "the sender's address is not allowed for this key",
    413: "the request was too large",
    429: "too many requests; try again later",
}
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]]{1,80}")


class SendGridSender:
    """
    environ: SENDGRID_API_KEY, and INCIDENT_SENDGRID_HOST for the EU host, or a stub on this machine.
    timeout: in seconds, of one request. Raises UsageError where the key is missing or the host is another.
    """

    name = "sendgrid"
    repeatable = False
    real = True
    place = None
    choices: Mapping[str, Json] = {
        "tracking": "off",
        "bypass": ["unsubscribe", "spam"],
        "personalizations": "one per person",
    }

    def __init__(self, environ: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS) -> None:
        key = environ.get(KEY, "").strip()
        if not key:  # the library would send "Bearer None" and only learn of it from a 401
            raise UsageError(
                f"The key for SendGrid is not set ({KEY}).",
                state="Nothing left.",
                next_step=f"set the environment variable {KEY}; never write the key into a file of the workspace",
            )
        api = SendGridAPIClient(key, host=_host(environ))  # type: ignore[no-untyped-call]  # it ships no type hints
        self._client = api.client
        self._client.timeout = timeout  # the library's own default is to wait for ever

    def hand_over(self, batch: Batch) -> Outcome:
        """One request; none for a batch that is more than SendGrid takes."""
        if len(batch.recipients) > BATCH_LIMIT:
            return Outcome("refused", why=f"more than {BATCH_LIMIT:,} people in one request", by_rule=True)
        body = orjson.dumps(request_body(batch))
        if len(body) >= SIZE_LIMIT:
            return Outcome("refused", why=f"the request would be {len(body):,} bytes, which is too many", by_rule=True)
        try:
            # The client would serialise a dict anew, slower; text of any other declared type it passes on as it is.
            answer = self._client.mail.send.post(
                request_body=body.decode(), request_headers={"Content-Type": "application/json; charset=utf-8"}
            )
        except HTTPError as error:
            return _refusal(error.status_code, error.body, batch)
        except (OSError, HTTPException) as error:
            return _lost(error)
        if answer.status_code == 202:
            return Outcome("accepted", reference=answer.headers.get("X-Message-Id"))
        if answer.status_code == 200:
            return Outcome("refused", why="taken in sandbox mode, which sends nothing", by_rule=True)
        return Outcome("unknown", why=f"answered {answer.status_code}, which says neither yes nor no")


def request_body(batch: Batch) -> dict[str, Any]:
    """
    The body of POST /v3/mail/send.

    A field has two keys, one for the text and one for HTML, so that each value is escaped for where it stands.
    """
    prints = batch.prints
    body: dict[str, Any] = {
        "from": {"email": batch.from_email, "name": batch.from_name},
        "subject": fill(" ".join(prints.subject.split()), _keys(prints, "text")),
        "content": [
            {"type": "text/plain", "value": fill(prints.text, _keys(prints, "text"))},
            {"type": "text/html", "value": fill(prints.html, _keys(prints, "html"))},
        ],
        "personalizations": [_personalization(person, prints.fields) for person in batch.recipients],
        "custom_args": {"letter": batch.digest.removeprefix("sha256:")[:16]},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
        "mail_settings": {
            "bypass_unsubscribe_management": {"enable": True},
            "bypass_spam_management": {"enable": True},
        },
    }
    if prints.attachments:
        body["attachments"] = [
            {"content": b64encode(data).decode(), "type": "application/pdf", "filename": name}
            for name, data in prints.attachments
        ]
    if batch.reply_to:
        body["reply_to"] = {"email": batch.reply_to}
    return body


def _personalization(person: Recipient, names: Sequence[str]) -> dict[str, Any]:
    to = {"email": person.email}
    # SendGrid refuses ";" and "," in a name, and the whole request with it.
    if person.name and (name := " ".join(re.sub(r"[;,]", " ", person.name).split())):
        to["name"] = name
    own: dict[str, Any] = {"to": [to], "custom_args": {"position": str(person.position)}}
    if names:
        values = {_key(name, "text"): person.fields[name] for name in names}
        values |= {_key(name, "html"): for_html(person.fields[name]) for name in names}
        own["substitutions"] = values
    return own


def _key(name: str, kind: str) -> str:
    return f"-incident.{name}.{kind}-"


def _keys(prints: Prints, kind: str) -> dict[str, str]:
    return {name: _key(name, kind) for name in prints.fields}


def _host(environ: Mapping[str, str]) -> str:
    """The default host, another of SendGrid's own, or one on this machine: a list of people goes nowhere else."""
    host = environ.get(HOST, "").strip().rstrip("/") or HOSTS[0]
    try:
        here = urlsplit(host).hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError:
        here = False
    if host not in HOSTS and not here:
        raise UsageError(
            f"{HOST} is not an address of SendGrid.", state="Nothing left.", next_step=f"one of: {', '.join(HOSTS)}"
        )
    return host


def _refusal(status: int, body: Any, batch: Batch) -> Outcome:
    if status not in _REFUSALS:
        if 400 <= status < 500:
            return Outcome("refused", why=f"answered {status}")
        return Outcome("unknown", why=f"answered {status}: the service failed and may have taken the batch")
    fields = _fields_at_fault(body, batch)
    return Outcome("refused", why=f"answered {status}: {_REFUSALS[status]}" + (f" ({fields})" if fields else ""))


def _fields_at_fault(body: Any, batch: Batch) -> str:
    """Names of fields only: SendGrid's own sentences may quote an address."""
    try:
        errors = json.loads(body)["errors"]
        fields = [error.get("field") for error in errors]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    return ", ".join(_with_position(field, batch) for field in fields[:5] if field and _FIELD.fullmatch(str(field)))


def _with_position(field: str, batch: Batch) -> str:
    found = re.fullmatch(r"personalizations[.\[](\d+)\]?\.(.+)", field)
    if found and int(found[1]) < len(batch.recipients):
        return f"{found[2]} of position {batch.recipients[int(found[1])].position}"
    return field


def _lost(error: OSError | HTTPException) -> Outcome:
    """Nobody was written to where no connection was made; after that, nobody can say."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError):
        return Outcome("refused", why="SendGrid could not be reached")
    if isinstance(reason, TimeoutError):
        return Outcome("unknown", why="no answer came in time")
    return Outcome("unknown", why="the connection was lost before an answer came")
