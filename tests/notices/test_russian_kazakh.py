"""
The letters to people in Russian and Kazakh, from facts.toml and what facts_russian_kazakh.toml says in words.

After a change of wording: .venv/bin/pytest tests/notices --refresh-golden, and review the diff as a reader would.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest

from incident.organisation.profile import Organisation
from incident.record.events import FactStated
from incident.record.timeline import Incident
from notices.contents import findings_on
from notices.drafting import Draft, Occasion, draft
from notices.lint import lint
from notices.markdown import as_read, fill_markdown
from notices.prints import Page, Press
from notices.template_library import Library
from notices.wording import Wording

HERE = Path(__file__).parent
LANGUAGES = ("ru", "kk")
KAZAKH_LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"

Write = Callable[..., Draft]


@pytest.fixture
def told(known: Mapping[str, Any]) -> dict[str, Any]:
    """Everything known of the breach, in words in all four languages."""
    more = tomllib.loads((HERE / "facts_russian_kazakh.toml").read_text(encoding="utf-8"))["facts"]
    return {**known, **more}


@pytest.fixture
def write(
    told: dict[str, Any], incident_with: Callable[..., Incident], organisation: Organisation, now: datetime
) -> Write:
    """Draft the letter to people, with facts put in place of the told ones; None takes a fact away."""

    def write_letter(
        language: str, facts: Mapping[str, Any] | None = None, *, exercise: bool = False, own: bool = False
    ) -> Draft:
        changed = {name: value for name, value in {**told, **(facts or {})}.items() if value is not None}
        profile = replace(organisation, languages=(language, "en")) if own else organisation
        occasion = Occasion(incident_with(changed, exercise=exercise), profile, now)
        return draft(Library().template("people", language), occasion)

    return write_letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_what_was_reviewed(language: str, write: Write, refresh_golden: bool) -> None:
    letter = write(language)
    file = HERE / "golden" / f"people-{language}.md"
    whole = f"Subject: {letter.subject}\n\n{letter.text}"
    if refresh_golden:
        file.write_text(whole, encoding="utf-8")
    assert whole == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_passes_its_own_checks(
    language: str, write: Write, told: dict[str, Any], incident_with: Callable[..., Incident]
) -> None:
    letter = write(language)
    assert lint(letter.text, Library().manners(language), invented=True) == []
    items = Library().template("people", language).items
    ledger = incident_with(told).ledger
    findings = findings_on(items, letter.facts, ledger, language=language, may_be_open=False)
    assert (findings.missing, findings.still_open) == ((), ())


HEADINGS = {
    "ru": [
        "Что произошло", "Ваши данные", "Что это может значить для Вас", "Что Вы можете сделать сейчас",
        "Что мы сделали", "Что будет дальше", "Вопросы",
    ],
    "kk": [
        "Не болды", "Сіздің деректеріңіз", "Бұл Сіз үшін нені білдіруі мүмкін", "Қазір не істей аласыз",
        "Біз не істедік", "Әрі қарай не болады", "Сұрақтар",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_parts_stand_in_the_order_a_reader_expects(language: str, write: Write) -> None:
    text = write(language).text
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS[language]


# What a letter of another alphabet may have in Latin letters; the profile's own words are taken out before.
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_ABBREVIATIONS = {"IP", "SMS", "GDPR", "ENISA"}


def latin_in(text: str) -> set[str]:
    return set(_LATIN.findall(text)) - _ABBREVIATIONS


def own_words(values: Any) -> Iterator[str]:
    """Every text in a profile, however deep."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, tuple):
        for each in values:
            yield from own_words(each)
    elif hasattr(values, "__dataclass_fields__"):
        for name in values.__dataclass_fields__:
            yield from own_words(getattr(values, name))


@pytest.mark.parametrize("advice", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_another_language_is_left_in_a_letter(
    language: str, advice: bool, write: Write, organisation: Organisation
) -> None:
    nobody_advised = {f"actions_for_people@{each}": None for each in ("en", "et", "ru", "kk")}
    letter = write(language, None if advice else nobody_advised)
    text = as_read(f"{letter.subject}\n{letter.text}").replace("«name»", "")
    text = re.sub(r"^::: \w+$", "", text, flags=re.MULTILINE)
    for words in sorted(own_words(organisation), key=len, reverse=True):
        text = text.replace(words, "")
    assert latin_in(text) == set()


def phrases_of(wording: Wording) -> Iterator[str]:
    yield from wording.words.values()
    yield from wording.facts.values()
    yield from wording.categories.values()
    for options in wording.options.values():
        yield from options.values()
    for entry in wording.consequences:
        yield from (entry.text, entry.action)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_was_left_in_another_alphabet(language: str) -> None:
    """A Latin "c" inside a Cyrillic word is a mistake nobody sees: screen readers and searches do."""
    for phrase in phrases_of(Library().template("people", language).wording):
        # {value} is put in; (a), (b), (c) are the law's own letters.
        assert latin_in(re.sub(r"\{\w+\}|\([abc]\)", "", phrase)) == set(), phrase


def test_russian_phrases_have_no_kazakh_letters_and_kazakh_ones_are_in_kazakh() -> None:
    russian = " ".join(phrases_of(Library().template("people", "ru").wording))
    assert not set(russian) & set(KAZAKH_LETTERS)
    russian_phrases = set(phrases_of(Library().template("people", "ru").wording))
    same = russian_phrases & set(phrases_of(Library().template("people", "kk").wording))
    assert {phrase for phrase in same if re.search("[а-я]", phrase)} == {"телефон", "фишинг"}


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "ru",
            [
                "19 ноября 2026\u202fг.",
                "Мы убедились в этом 18 ноября 2026 года.",
                "Это началось 14 ноября 2026 года.",
                "Это закончилось 17 ноября 2026 года.",
                "То, из-за чего это стало возможным, мы устранили 18 ноября 2026 года.",
                "Мы снова напишем Вам не позднее 1 декабря 2026 года",
                "надзорный орган: Andmekaitse Inspektsioon.",
            ],
        ),
        (
            "kk",
            [
                "2026 жылғы 19 қараша",
                "Біз бұған 2026 жылғы 18 қарашада көз жеткіздік.",
                "Бұл 2026 жылғы 14 қарашада басталды.",
                "Бұл 2026 жылғы 17 қарашада аяқталды.",
                "Бұған мүмкіндік берген жағдайды біз 2026 жылғы 18 қарашада жойдық.",
                "мына күні қайта жазамыз: 2026 жылғы 1 желтоқсан.",
                "Органның атауы: Andmekaitse Inspektsioon.",
            ],
        ),
    ],
)
def test_dates_and_names_stand_in_the_form_their_place_asks_for(language: str, lines: list[str], write: Write) -> None:
    text = as_read(write(language).text)
    assert [line for line in lines if line not in text] == []


AT = datetime(2026, 11, 20, 20, 5, tzinfo=UTC)  # in Almaty five hours later: the next day


def test_russian_dates_numbers_and_times() -> None:
    wording = Library().template("people", "ru").wording
    almaty = ZoneInfo("Asia/Almaty")
    assert wording.day(AT, almaty) == "21 ноября 2026\u202fг."
    assert wording.on_day(AT, almaty) == "21 ноября 2026 года"
    assert wording.moment(AT, almaty) == "21 ноября 2026\u202fг., 01:05 (Казахстан, UTC+5)"
    assert wording.moment(AT, ZoneInfo("Europe/Moscow")).endswith("23:05 (Москва, стандартное время, UTC+3)")
    assert wording.number(41207) == "41\u00a0207"
    assert wording.span(timedelta(days=3, hours=2)) == "3 дня 2 часа"
    assert wording.span(timedelta(hours=25, minutes=30)) == "25 часов 30 минут"
    assert wording.listed(["a", "b", "c"]) == "a, b и c"
    assert [wording.country(code) for code in ("KZ", "ZZ")] == ["Казахстан", "страна неизвестна"]


def test_kazakh_dates_numbers_and_times() -> None:
    wording = Library().template("people", "kk").wording
    almaty = ZoneInfo("Asia/Almaty")
    assert wording.day(AT, almaty) == "2026 жылғы 21 қараша"
    assert wording.on_day(AT, almaty) == "2026 жылғы 21 қарашада"
    assert wording.moment(AT, almaty) == "2026 жылғы 21 қараша, 01:05 (Қазақстан уақыты, UTC+5)"
    assert wording.number(41207) == "41\u00a0207"
    assert wording.span(timedelta(days=3, hours=2)) == "3 күн 2 сағат"
    assert wording.span(timedelta(hours=25, minutes=30)) == "25 сағат 30 минут"
    assert [wording.country(code) for code in ("KZ", "ZZ")] == ["Қазақстан", "елі белгісіз"]


@pytest.mark.parametrize(
    ("language", "nameless", "named"),
    [
        ("ru", "Здравствуйте, уважаемый клиент!", "Здравствуйте, Айгүл!"),
        ("kk", "Құрметті клиент!", "Құрметті Айгүл!"),
    ],
)
def test_someone_without_a_name_is_greeted_all_the_same(language: str, nameless: str, named: str, write: Write) -> None:
    (field,) = Library().template("people", language).fields
    text = write(language).text
    assert f"\n{nameless}\n" in as_read(fill_markdown(text, {field.name: field.when_missing}))
    assert f"\n{named}\n" in as_read(fill_markdown(text, {field.name: "Айгүл"}))


@pytest.mark.parametrize(
    ("language", "lost", "sentence"),
    [
        ("ru", "integrity", "были изменены без разрешения"),
        ("ru", "availability", "были утрачены или недоступны"),
        ("kk", "integrity", "SmartPact OÜ сақтайтын дербес деректер рұқсатсыз өзгертілді."),
        ("kk", "availability", "SmartPact OÜ сақтайтын дербес деректер жоғалды немесе қолжетімсіз болды."),
    ],
)
def test_the_news_says_which_kind_of_breach_it_is(language: str, lost: str, sentence: str, write: Write) -> None:
    assert sentence in write(language, {"breach_type": [lost]}).text


def unknowable(name: str) -> FactStated:
    return FactStated(name, None, "unknowable", because="the log does not go back so far")


@pytest.mark.parametrize(
    ("language", "began", "going_on"),
    [
        ("ru", "Когда это началось: установить невозможно.", "Это ещё не закончилось."),
        ("kk", "Басталған уақыты: анықтау мүмкін емес.", "Бұл әлі аяқталған жоқ."),
    ],
)
def test_what_nobody_can_know_and_what_goes_on_is_said(language: str, began: str, going_on: str, write: Write) -> None:
    pending = FactStated("contained_at", None, "pending")
    letter = write(language, {"occurred_at": unknowable("occurred_at"), "contained_at": pending})
    assert began in letter.text
    assert going_on in letter.text


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("ru", "УЧЕНИЯ - Инцидент безопасности 14 ноября 2026 года: затронуты Ваши данные (SmartPact Studio)"),
        (
            "kk",
            "ОҚУ-ЖАТТЫҒУ - Қауіпсіздік инциденті (2026 жылғы 14 қараша) Сіздің деректеріңізге қатысты "
            "(SmartPact Studio)",
        ),
    ],
)
def test_an_exercise_says_so_in_the_subject_and_first_of_all(language: str, subject: str, write: Write) -> None:
    letter = write(language, exercise=True)
    assert letter.subject == subject
    assert letter.text.startswith(f"::: exercise\n{subject.partition(' ')[0]}.")
    assert "::: exercise" not in write(language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_role_and_hours_stand_only_in_the_language_they_are_written_in(language: str, write: Write) -> None:
    assert "privacy lead" not in write(language).text
    own = write(language, own=True).text
    assert own.count("privacy lead") == 2
    assert "(every day 8-22, Tallinn time)" in own


def found(text: str, language: str) -> list[str]:
    return [hit.found for hit in lint(text, Library().manners(language), invented=True)]


@pytest.mark.parametrize(
    ("language", "sentence", "words"),
    [
        ("ru", "Ваши данные могли увидеть посторонние.", "могли"),
        ("ru", "Возможно, данные прочитаны.", "Возможно"),
        ("ru", "Может быть, данные прочитаны.", "Может быть"),
        ("ru", "Прочитаны некоторые из Ваших данных.", "некоторые из Ваших данных"),
        ("ru", "Затронута незначительная часть клиентов.", "незначительная"),
        ("ru", "Затронуто ограниченное число клиентов.", "ограниченное число"),
        ("ru", "Это коснулось лишь имён.", "лишь"),
        ("ru", "Мы пишем на всякий случай.", "на всякий случай"),
        ("ru", "Мы серьёзно относимся к безопасности.", "серьёзно относимся"),
        ("ru", "Мы относимся к защите данных очень серьезно.", "относимся к защите данных очень серьезно"),
        ("ru", "Безопасность данных — наш приоритет.", "приоритет"),
        ("ru", "Нет никаких доказательств злоупотребления.", "Нет никаких доказательств"),
        ("ru", "Признаков злоупотребления не обнаружено.", "Признаков злоупотребления не обнаружено"),
        ("ru", "Мы не обнаружили следов злоупотребления.", "не обнаружили следов"),
        ("kk", "Деректеріңізді біреу көрген болуы мүмкін.", "көрген болуы мүмкін"),
        ("kk", "Бәлкім, деректер оқылды.", "Бәлкім"),
        ("kk", "Мүмкін, деректер оқылды.", "Мүмкін"),
        ("kk", "Кейбір жеке деректер оқылды.", "Кейбір жеке деректер"),
        ("kk", "Бұл тек есімдерге қатысты.", "тек"),
        ("kk", "Шектеулі сандағы клиенттерге қатысты.", "Шектеулі сандағы"),
        ("kk", "Клиенттердің аз бөлігі ғана зардап шекті.", "ғана"),
        ("kk", "Біз қауіпсіздікке үлкен жауапкершілікпен қараймыз.", "үлкен жауапкершілікпен"),
        ("kk", "Теріс пайдаланудың белгілері анықталған жоқ.", "белгілері анықталған жоқ"),
        ("kk", "Теріс пайдалану туралы дәлел жоқ.", "дәлел жоқ"),
    ],
)
def test_wording_that_makes_a_letter_worse_is_pointed_at(language: str, sentence: str, words: str) -> None:
    assert found(sentence, language) == [words]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ru", "Вам могут прийти поддельные сообщения."),
        ("ru", "Установить это невозможно."),
        ("ru", "Прочитаны не только имена, но и адреса."),
        ("ru", "Это может быть опасно."),
        ("ru", "Слишком много входов; листовка; помощь."),
        ("ru", "Отправитель пишет: «Возможно, это только ошибка»."),
        ("kk", "Сізге жалған хабарламалар келуі мүмкін."),
        ("kk", "Біреу хат жазуы мүмкін, себебі ол мекенжайды біледі."),
        ("kk", "Оны анықтау мүмкін емес."),
        ("kk", "Есімдер ғана емес, мекенжайлар да оқылды."),
        ("kk", "Тек есімдер ғана емес, мекенжайлар да оқылды."),
        ("kk", "Картаны ауыстырудың қажеті жоқ."),
    ],
)
def test_plain_wording_is_let_be(language: str, sentence: str) -> None:
    assert found(sentence, language) == []


@pytest.mark.parametrize(
    ("language", "last"), [("ru", "Ёлка"), ("ru", "Мы"), *[("kk", f"{each}н") for each in "ӘҒҚҢӨҰҮҺІ"]]
)
def test_a_sentence_ends_before_any_capital_of_the_alphabet(language: str, last: str) -> None:
    sentence = "Бір " * 19
    assert found(f"{sentence.strip()}. {last} {sentence.strip()}.", language) == []
    assert found(f"{sentence.strip()}, {last} {sentence.strip()}.", language) == ["Бір Бір Бір Бір Бір Бір …"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stock_sentence_keeps_to_the_manners(language: str) -> None:
    wording, manners = Library().template("people", language).wording, Library().manners(language)
    for entry in wording.consequences:
        for text in (entry.text, entry.action):
            assert lint(text, manners, invented=False) == [], entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_has_a_shape_for_every_letter(language: str, write: Write) -> None:
    letter = write(language)
    text = f"{letter.text}\n{KAZAKH_LETTERS} Ёё\n"
    wording = Library().template("people", language).wording
    page = Page(language, letter.subject, "SmartPact OÜ", "2026-001", None, wording.words["page"])
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(Press().print_as("pdf", text, page))).pages]
    assert set(KAZAKH_LETTERS) <= set("".join(pages))
    # Numbered in the letter's language, and the signature has something above it.
    assert {"ru": "Страница 2 из 2", "kk": "2-бет, барлығы 2"}[language] in pages[-1]
    closing = {"ru": "С уважением", "kk": "Құрметпен"}[language]
    assert len(pages[-1].partition(closing)[0].split()) > 40
