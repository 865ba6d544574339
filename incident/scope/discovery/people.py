"""Which tables have a row for each person, the likeliest first; judged by names and structure together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from math import log2

from incident.scope.discovery.catalogue import Catalogue, Table
from incident.scope.discovery.columns import Reading, read_columns
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.names import words
from incident.scope.discovery.naming import Naming, quoted
from incident.scope.discovery.references import References, with_people
from incident.scope.discovery.secrecy import looks_secret, secret_columns

_SURE = 0.72
_ENOUGH = 0.6  # how sure a column must be to speak for its table
_PART_OF_BEST = 0.3
_NAMES = {"first_name", "last_name"}
_ROUNDS = 3  # who is meant by author_id hangs on the tables of people, and they on who refers to them


@dataclass(frozen=True)
class Population:
    """A table of people. score: of use only beside another's. reasons: for people, the weightiest first."""

    table: Table
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """A catalogue looked through: who refers to whom, what is secret, what each column says."""

    naming: Naming
    references: References
    secrets: dict[str, dict[str, str]]
    readings: dict[str, tuple[Reading, ...]]
    people: tuple[Population, ...]
    written_down: frozenset[str] = frozenset()  # tables of people whom those of another table wrote down

    @property
    def catalogue(self) -> Catalogue:
        return self.naming.catalogue


def survey(catalogue: Catalogue) -> Survey:
    """Look through a catalogue until the tables of people stay the same."""
    naming = Naming(catalogue)
    references = References(naming)
    found = _look(naming, references)
    for _ in range(_ROUNDS):
        order = tuple(population.table.name for population in found.people)
        if order == references.people:
            break
        found = _look(naming, with_people(references, order))
        references = found.references
    return found


def _look(naming: Naming, references: References) -> Survey:
    secrets: dict[str, dict[str, str]] = {}
    readings: dict[str, tuple[Reading, ...]] = {}
    for table in naming.catalogue.tables:
        harmless = frozenset(
            one.column
            for one in references.out_of.get(table.name, ())
            if _names_harmless(one.to_table, one.to_column, naming)
        )
        secrets[table.name] = secret_columns(table, naming.table_words[table.name], references=harmless)
    for table in naming.catalogue.tables:
        for column in _names_open_key(table, naming.catalogue, secrets):
            del secrets[table.name][column]
        refers = references.columns_that_refer(table)
        readings[table.name] = read_columns(table, naming, secrets=frozenset(secrets[table.name]), skip=refers)
    survey_ = Survey(naming, references, secrets, readings, ())
    likely = _likely(survey_, _population) or _likely(survey_, _by_log_ins)
    best = likely[0].score if likely else 0.0
    strong = [one for one in likely if one.score >= _PART_OF_BEST * best]
    aside = {one.table.name: why for one in strong[1:] if (why := _aside(one.table, survey_, strong))}
    people = tuple(one for one in strong if one.table.name not in aside)
    written = frozenset(name for name, why in aside.items() if why == "written down")
    return Survey(naming, references, secrets, readings, people, written)


def _aside(table: Table, survey_: Survey, likely: list[Population]) -> str | None:
    """Why a likely table has no people of its own: part of another's rows, mere names, a tenant, an address book."""
    naming, best = survey_.naming, likely[0].table
    proofs, best_proofs = set(_proofs(table, survey_)), set(_proofs(best, survey_))
    if {"password", "username"} & proofs or not {"email", "password"} & best_proofs:
        return None
    names = [one.table.name for one in likely]
    before = names[: names.index(table.name)]
    refers = [one for one in survey_.references.out_of.get(table.name, ()) if one.only_where is None]
    same = [one for one in refers if one.to_table in before and one.cost == 1 and _same(table, one.to_table, naming)]
    if "email" not in proofs and any(table.names_one_row(one.column) for one in same):
        return "part of another's row"
    if len(table.key) > 1 and any(table_habits().kinds["gathering"] & set(words(name)) for name in table.key):
        return "who is in a room"
    if not _noun(table, naming)[2]:
        return None
    if not {"email", "phone", "last_seen_at"} & proofs:
        return "nothing is sent to them and nobody logs in"
    if _is_firm(table, proofs, naming):
        return "a firm that supplies"
    is_tenant = naming.subjects[table.name][-1] in table_habits().kinds["tenant"] and not _NAMES & proofs
    named_by_best = any(one.to_table == table.name for one in survey_.references.out_of.get(best.name, ()))
    if is_tenant and named_by_best and "email" in best_proofs:
        return "a tenant"
    owners = [one for one in refers if one.to_table == best.name and one.cost == 1 and "password" in best_proofs]
    own = [one for one in owners if _writes_down(table, one.column, survey_) and "last_seen_at" not in proofs]
    return "written down" if own else None


def _is_firm(table: Table, proofs: Collection[str], naming: Naming) -> bool:
    """Whether suppliers are only firms: nobody's first name, log-in or last visit, and no contact person."""
    persons = {"first_name", "last_name", "birth_date", "gender", "last_seen_at"} & set(proofs)
    contact = any("contact" in words(column.name) for column in table.columns)
    return naming.subjects[table.name][-1] in table_habits().kinds["firm"] and not persons and not contact


def _same(table: Table, other: str, naming: Naming) -> bool:
    """Whether both are called after the same people, or the first after what is known of people."""
    told = naming.speaks_of(table, "side") or naming.table_words[table.name][-1] in table_habits().plain
    return naming.subjects[table.name] == naming.subjects[other] or bool(told)


def _writes_down(table: Table, column: str, survey_: Survey) -> bool:
    """Whether each row must name the user whose it is, and one user has many: an address book."""
    must = not table.by_name[column].nullable and not table.names_one_row(column)
    return must and words(column)[:1] == ("user",) and survey_.naming.subjects[table.name][-1] == "contact"


def _likely(survey_: Survey, judge: Callable[[Table, Survey], Population | None]) -> list[Population]:
    naming, least = survey_.naming, table_habits().structure["least"]
    scored = _inner_last([judge(table, survey_) for table in naming.catalogue.tables], naming)
    return sorted((one for one in scored if one and one.score >= least), key=lambda one: (-one.score, one.table.name))


def _by_log_ins(table: Table, survey_: Survey) -> Population | None:
    """
    A table of people that says nothing of them itself, as providers of log-ins keep it.

    What is known of each is in a document; sessions, credentials and codes refer to it.
    """
    habits, naming = table_habits(), survey_.naming
    noun, weight, _ = _noun(table, naming)
    if noun not in habits.proved_by_log_ins or not table.key or weight <= 0 or table.is_view or table.part_of:
        return None
    log_ins = sorted(
        name
        for name in _referring(table, survey_)
        if any(naming.speaks_of(naming.catalogue.by_name[name], kind) for kind in ("secret", "presence"))
    )
    if len(log_ins) < habits.structure["least_log_ins"]:
        return None
    score = weight + habits.structure["log_ins"] + habits.structure["reference"] * log2(1 + len(log_ins))
    reasons = (f'its name says "{noun}"', f"log-ins refer to it ({quoted(log_ins)})")
    return Population(table, round(score, 3), reasons)


def _inner_last(scored: list[Population | None], naming: Naming) -> list[Population | None]:
    """Where people with addresses are served, those who serve them come after."""
    habits = table_habits()

    def is_inner(one: Population) -> bool:
        return any(habits.nouns[word].inner for word in naming.subjects[one.table.name] if word in habits.nouns)

    others = [one for one in scored if one and not is_inner(one) and one.score >= habits.structure["least"]]
    if not others:
        return scored
    share = habits.structure["inner"]
    return [replace(one, score=round(one.score * share, 3)) if one and is_inner(one) else one for one in scored]


def _names_harmless(table: str, column: str, naming: Naming) -> bool:
    """Whether the key that is referred to is a number or the like, and not itself what lets somebody in."""
    to = naming.catalogue.by_name[table].column(column)
    return to is not None and to.kind in {"whole", "uuid", "number"}


def _names_open_key(table: Table, catalogue: Catalogue, secrets: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Declared keys taken for secrets, of rows whose own key is none: the id of a session that has a token."""
    found = []
    for key in table.foreign:
        to = catalogue.table(key.to_table)
        for column, to_column in zip(key.columns, (key.to_columns or to.key) if to else (), strict=False):
            taken = column in secrets[table.name] and not looks_secret(column)
            if to and taken and to.name != table.name and to_column not in secrets[to.name]:
                found.append(column)
    return list(dict.fromkeys(found))


def _population(table: Table, survey_: Survey) -> Population | None:
    habits, naming = table_habits(), survey_.naming
    if table.is_view or table.part_of or not table.columns:
        return None
    noun, noun_weight, needs_proof = _noun(table, naming)
    proofs = _proofs(table, survey_)
    shown = {proof for proof in proofs if proof in habits.needed}
    referring = _referring(table, survey_)
    if not shown and (needs_proof or noun_weight < 2 or len(referring) < 2):
        return None
    if noun_weight == 0 and not {"email", "password"} <= set(proofs):
        return None
    if needs_proof and shown <= {"full_name"}:
        return None
    score = noun_weight + sum(habits.proof[proof] for proof in proofs)
    reasons = [f'its name says "{noun}"'] if noun else []
    reasons += [f"{column} ({_TITLES[proof]})" for proof, column in proofs.items()]
    if referring:
        score += min(habits.structure["references_most"], habits.structure["reference"] * log2(1 + len(referring)))
        reasons.append(f"{len(referring)} other tables refer to it")
    if noun in habits.served and {"email", "password"} <= set(proofs):
        score += habits.structure["served"]
    for penalty, why in _penalties(table, survey_, proofs):
        score += penalty
        reasons.append(why)
    return Population(table, round(score, 3), tuple(reasons))


_TITLES = {
    "email": "e-mail", "password": "password", "username": "user name",
    "first_name": "name", "last_name": "name", "full_name": "name",
    "last_seen_at": "last seen", "created_at": "created", "birth_date": "birth date", "phone": "telephone",
    "gender": "gender",
    "locale": "language", "ip": "IP address", "country": "country",
}  # fmt: skip


def _noun(table: Table, naming: Naming) -> tuple[str, float, bool]:
    """The word for people in the table's name, what it says, and whether that needs proof."""
    habits = table_habits()
    subject = naming.subjects[table.name]
    last = subject[-1]
    nouns = [(word, habits.nouns[word]) for word in subject if word in habits.nouns]
    if not nouns:
        # A table called only "profiles" or "accounts" has no other word left.
        nouns = [(word, habits.nouns[word]) for word in naming.table_words[table.name] if word in habits.nouns]
        return (
            (nouns[0][0], nouns[0][1].weight, nouns[0][1].needs_proof)
            if len(nouns) == 1 and len(subject) == 1
            else ("", 0.0, True)
        )
    word, noun = nouns[-1]
    if last == word:
        share = 1.0 if len(subject) == 1 else 0.85 if not _is_other_kind(subject[:-1]) else 0.5
        return word, noun.weight * share, noun.needs_proof
    return word, 0.0, True


def _is_other_kind(named: tuple[str, ...]) -> bool:
    kinds = table_habits().kinds
    return any(word in kinds[kind] for word in named for kind in ("link", "tenant", "content", "order", "message"))


def _proofs(table: Table, survey_: Survey) -> dict[str, str]:
    """Role to the surest column for it, among the columns that speak for a table of people."""
    habits = table_habits()
    found: dict[str, str] = {}
    for secret in survey_.secrets[table.name]:
        named = words(secret)
        if ("password" in named and not habits.other_passwords & set(named)) or named in {
            ("hash",),
            ("bcrypt",),
            ("passhash",),
            ("digest",),
        }:
            found.setdefault("password", secret)
    for reading in survey_.readings[table.name]:
        enough = _SURE if reading.role == "email" else _ENOUGH  # the address for the bills may be a company's
        if reading.role in habits.proof and reading.weight >= enough:
            found.setdefault(reading.role, reading.column)
    if "email" not in found and (beside := _email_beside(table, survey_)):
        found["email"] = beside
    return {proof: found[proof] for proof in habits.proof if proof in found}


def _email_beside(table: Table, survey_: Survey) -> str | None:
    """The address of a table's people in a table that is for addresses."""
    for one in survey_.references.into.get(table.name, ()):
        named = set(survey_.naming.table_words[one.table])
        if (
            one.cost == 1
            and one.only_where is None
            and "email" in named
            and not any(
                survey_.naming.speaks_of(survey_.catalogue.by_name[one.table], kind) for kind in ("history", "secret")
            )
        ):
            for reading in survey_.readings[one.table]:
                if reading.role == "email" and reading.weight >= _SURE:
                    return str(reading)
    return None


def _referring(table: Table, survey_: Survey) -> set[str]:
    return {
        one.table
        for one in survey_.references.into.get(table.name, ())
        if one.cost <= 2 and one.only_where is None and not survey_.naming.catalogue.by_name[one.table].part_of
    }


def _penalties(table: Table, survey_: Survey, proofs: dict[str, str]) -> list[tuple[float, str]]:
    habits, naming = table_habits(), survey_.naming
    found = []
    if word := naming.speaks_of(table, "history"):
        found.append((-6.0, f'"{word}" makes it a copy or a log'))
    noun = set(habits.nouns) - {"login"}
    for kind in ("trail", "secret", "link"):
        word = naming.speaks_of(table, kind)
        if word and word not in noun and naming.subjects[table.name][-1] not in noun:
            found.append((-3.0, f'"{word}" makes it another kind of table'))
            break
    if not table.key:
        found.append((habits.structure["no_key"], "it has no primary key"))
    if any(proofs.get("email") in unique for unique in table.unique if len(unique) <= 2):
        found.append((habits.structure["unique_email"], "no address is there twice"))
    found.extend(_other_things(table, survey_, proofs))
    people = set(survey_.references.people)
    for one in survey_.references.out_of.get(table.name, ()):
        if one.to_table in people and one.to_table != table.name and one.cost == 1 and one.only_where is None:
            whole = one.column in table.key or table.names_one_row(one.column)
            own = {"email", "password"} <= set(proofs)
            if not own and survey_.references.people.index(one.to_table) < _rank(table, survey_):
                share = 1.0 if whole else 0.5
                found.append((habits.structure["of_another"] * share, f"its rows are those of {one.to_table}"))
                break
    return found


def _other_things(table: Table, survey_: Survey, proofs: dict[str, str]) -> Iterator[tuple[float, str]]:
    """What speaks for machines, for links between rows, or for names that somebody only mentioned."""
    habits, naming = table_habits(), survey_.naming
    named = [set(words(column.name)) for column in table.columns]
    machine = [one for one in named if one & habits.kinds["machine"]]
    if len(machine) >= habits.structure["machine_columns"] and "email" not in proofs and "password" not in proofs:
        yield habits.structure["machine"], "its columns speak of a machine"
    refers = survey_.references.columns_that_refer(table)
    if len(table.key) > 1 and refers & set(table.key) and not {"email", "password"} & set(proofs):
        yield habits.structure["link"], "its key is put together from other tables' keys"
    of_people = {one.to_table for one in survey_.references.out_of.get(table.name, ())} & set(survey_.references.people)
    logs_in = "password" in proofs and {"email", "username"} & set(proofs)  # a password alone is one way of several
    if of_people - {table.name} and not logs_in and any("provider" in one for one in named):
        yield habits.structure["log_in_elsewhere"], "it is a link to another log-in"
    telling = {"password", "last_seen_at", "created_at", "birth_date", "phone", "gender", "username"}
    others = len(naming.subjects[table.name]) - 1
    if others and not telling & set(proofs):
        yield habits.structure["names_only"] * others, "nobody logs in by it, and it tells no time"


def _rank(table: Table, survey_: Survey) -> int:
    people = survey_.references.people
    return people.index(table.name) if table.name in people else len(people)
