"""Sending short messages to chats, telephones and hooks through `apprise`, an extra. Touches the network."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

from incident.errors import UsageError


class Channels:
    """
    The addresses messages go to, in the order given. An address may hold a password, so none is ever shown:
    they are spoken of by number. refused: the numbers, from 1, that did not take a message.
    """

    def __init__(self, services: Sequence[Any]) -> None:
        self._services = services
        self.refused: set[int] = set()

    def send(self, title: str, body: str) -> bool:
        """Send to every address, whatever becomes of the others; whether all of them took it."""
        failed = {
            number for number, service in enumerate(self._services, 1) if not service.notify(title=title, body=body)
        }
        self.refused |= failed
        return not failed

    @property
    def refused_words(self) -> str:
        numbers = ", ".join(str(number) for number in sorted(self.refused))
        return f"of {len(self._services)} --notify addresses, number {numbers} did not take the message"


def open_channels(urls: Sequence[str]) -> Channels:
    """
    Understand `urls` (apprise's forms, such as json://HOST/PATH); nothing is sent yet.

    Raises UsageError where the extra is not installed, or an address is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what apprise imports; none of it is ours to mend
        apprise = _library()
        # Its log names addresses, and addresses hold passwords.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        # Nothing of a message or an address is kept on disk.
        memory = apprise.PersistentStoreMode.MEMORY
        asset = apprise.AppriseAsset(storage_mode=memory, async_mode=False, app_id="incident")
        services = [apprise.Apprise(asset=asset) for _ in urls]
        for number, (service, url) in enumerate(zip(services, urls, strict=True), 1):
            if not service.add(url):
                raise UsageError(
                    f"Address number {number} given with --notify is none that apprise knows.",
                    state="Nothing was recorded or sent.",
                    next_step="write it as apprise does, such as mailto://…, slack://… or json://HOST/PATH",
                )
    return Channels(services)


def _library() -> Any:
    try:
        import apprise
    except ImportError:
        raise UsageError(
            "--notify needs the library apprise, which is not installed.",
            state="Nothing was recorded or sent.",
            next_step="pip install 'breach-incident-toolkit[notify]', or leave --notify out",
        ) from None
    return apprise
