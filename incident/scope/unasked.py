"""Parts of a question that are about databases which are not asked: refused, or said; never dropped in silence."""

from __future__ import annotations

from collections.abc import Collection, Set
from zoneinfo import ZoneInfo

from incident.errors import UsageError
from incident.scope.questions import Question, question_document, question_words


def check_stores(question: Question, asked: Collection[str], named: Collection[str], zone: ZoneInfo) -> None:
    """
    Raise UsageError for a part about a store that is not there, or about any where what is asked has no name.

    asked: the stores that will be read, "" for one given by its URL. named: those of the profile. zone: of the message.
    """
    known = {*asked, *named} - {""}
    for part in question.parts:
        for name in part.stores:
            _check_exists(name, known)
        if part.stores and "" in asked:
            raise UsageError(
                f'A part of the question is about the store "{part.stores[0]}", and the database given by its URL has '
                f"no name: {'; and '.join(question_words(question_document(part), zone))}.",
                state="Nothing was read.",
                next_step=f"leave out --database and ask --store {part.stores[0]}; or, where this is that store, take "
                "store = … out of the question",
            )


def not_asked(question: Question, asked: Collection[str]) -> tuple[str, ...]:
    """One sentence for each store that the question is about and that is not among those `asked`."""
    about = dict.fromkeys(name for part in question.parts for name in part.stores)
    return tuple(
        f"The store {name} was not asked: who is found only by what the question asks of it is not on the list."
        for name in about
        if name not in asked
    )


def _check_exists(name: str, known: Set[str]) -> None:
    """A misspelt store would otherwise be a part of the question that finds nobody."""
    if name not in known:
        raise UsageError(
            f'The question speaks of a store "{name}", and no database here is called that.',
            state="Nothing was read.",
            next_step=f"store = one of {', '.join(sorted(known))}"
            if known
            else "name the database in the profile ([[accounts]]), and leave out --database",
        )
