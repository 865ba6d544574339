"""The letters to Kazakhstan's ministry and to Roskomnadzor: what they say, of whom, and in what order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pavlodar import COUNTRIES, facts, opened, rows, seal, text_of
from programme import Programme

from incident.record.events import FactStated

LETTERS = [("kz-authority", "ru"), ("kz-authority", "kk"), ("ru-initial", "ru"), ("ru-investigation", "ru")]
DONE = ("done", "ru-152fz-initial", "--reference", "РКН-77/2026")


def ready(programme: Programme, **other: Any) -> Programme:
    """Everything known, a list sealed, and the first notice to Roskomnadzor handed in."""
    opened(programme, **other)
    seal(programme, rows(20), COUNTRIES)
    programme.ok(*DONE)
    return programme


def answer(text: str, question: str) -> str:
    """What stands behind a question of the letter, on one line."""
    found = re.search(rf"^{re.escape(question)}\n:   (.*?)(?=\n\n\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{question} is not asked in:\n{text}"
    return " ".join(found[1].split())


HEADINGS = {
    ("kz-authority", "ru"): [
        "1. Уведомление", "2. Кто сообщает", "3. Лицо, ответственное за организацию обработки персональных данных",
        "4. Что произошло", "5. Меры по устранению нарушения", "6. Субъекты персональных данных", "7. Приложение",
    ],
    ("kz-authority", "kk"): [
        "1. Хабарлама", "2. Хабарлаушы", "3. Дербес деректерді өңдеуді ұйымдастыруға жауапты тұлға", "4. Не болды",
        "5. Бұзушылықты жою шаралары", "6. Дербес деректер субъектілері", "7. Қосымша",
    ],
    ("ru-initial", "ru"): [
        "1. Уведомление", "2. Оператор", "3. Лицо, уполномоченное взаимодействовать с Роскомнадзором",
        "4. Обнаружение инцидента", "5. Предполагаемые причины", "6. Предполагаемый вред субъектам персональных данных",
        "7. Скомпрометированные данные", "8. Меры по устранению последствий",
    ],
    ("ru-investigation", "ru"): [
        "1. Уведомление", "2. Оператор", "3. Лицо, уполномоченное взаимодействовать с Роскомнадзором",
        "4. Результаты внутреннего расследования", "5. Лица, действия которых стали причиной инцидента",
        "6. Скомпрометированные данные", "7. Вред субъектам персональных данных", "8. Принятые меры",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "language"), LETTERS)
def test_a_complete_letter_has_its_parts_in_order_and_passes_its_own_check(
    kind: str, language: str, studio: Programme
) -> None:
    text = text_of(ready(studio), kind, language)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS[kind, language]
    checked = studio.run("notice", "check", f"{kind}-{language}", "--json").json
    assert (checked["missing"], checked["still_open"], checked["forbidden"], checked["lint"]) == ([], [], [], [])
    stated = facts()
    for name in ("what_happened", "measures_taken", "measures_planned"):
        assert stated[f"{name}@{language}"].splitlines()[0].strip() in text
    detected = {"ru": "18 ноября 2026 г., 11:20 (Казахстан, UTC+5)", "kk": "2026 жылғы 18 қараша, 11:20 (Қазақстан"}
    assert detected[language] in " ".join(text.split())  # 06:20 UTC, in Pavlodar


def test_the_russian_letters_count_the_people_in_russia_alone(studio: Programme) -> None:
    ready(studio)
    for kind in ("ru-initial", "ru-investigation"):
        text = text_of(studio, kind)
        assert answer(text, "Число субъектов, проживающих в России") == "10"
        beside = answer(text, "Кроме того, субъекты, страна проживания которых неизвестна")
        assert beside == "2 (в число выше они не входят)"
        assert answer(text, "Число записей о субъектах, проживающих в России") == "отдельно не подсчитано"
        assert "61" not in text.partition("Категории субъектов")[2][:400]  # the records of all countries together
        assert not re.search(
            r"\b(?:20|18|5|3|12)\b(?! ноября| года|\. )", text.partition("Категории субъектов")[2][:400]
        )


def test_records_are_counted_where_everybody_lives_in_russia(studio: Programme) -> None:
    text = text_of(ready(studio, people_by_country={"RU": 20}), "ru-initial")
    assert answer(text, "Число субъектов, проживающих в России") == "20"
    assert answer(text, "Число записей") == "61"
    assert "неизвестна" not in text.partition("## 7.")[2]


@pytest.mark.parametrize(
    "by_country", [{}, {"ZZ": 20}, FactStated("people_by_country", None, "unknowable", "no column for it")]
)
def test_where_nobodys_country_is_known_the_number_cannot_be_determined(by_country: Any, studio: Programme) -> None:
    text = text_of(ready(studio, people_by_country=by_country), "ru-initial")
    assert answer(text, "Число субъектов, проживающих в России") == "установить невозможно"
    assert answer(text, "Число субъектов во всех странах вместе") == "20"


def test_an_approximate_tally_gives_approximate_numbers(studio: Programme) -> None:
    about = FactStated("people_by_country", {"RU": 10, "KZ": 5}, "approximate", "5 have none")
    text = text_of(ready(studio, people_by_country=about), "ru-initial")
    assert answer(text, "Число субъектов, проживающих в России") == "около 10"


def test_what_is_not_known_after_a_day_is_listed_and_what_the_law_asks_for_stops_the_letter(studio: Programme) -> None:
    text = text_of(ready(studio, misuse_seen=None, people_by_country=None), "ru-initial")
    assert answer(text, "Признаки использования, продажи или опубликования данных") == "пока неизвестно"
    assert answer(text, "Число субъектов, проживающих в России") == "пока неизвестно"
    assert "## 9. Пока неизвестно" in text
    studio.ok("fact", "likely_consequences@ru", "--state", "pending")
    refused = studio.run("notice", "draft", "ru-initial")
    assert refused.code == 3
    assert 'incident fact likely_consequences@ru "…"' in refused.err


def test_whether_data_were_published_is_only_what_the_facts_say(studio: Programme) -> None:
    text = text_of(ready(studio), "ru-initial")
    assert answer(text, "Признаки использования, продажи или опубликования данных") == "нет"
    studio.ok("fact", "misuse_seen", "yes")
    studio.ok("fact", "third_parties_reached@ru", "Покупатель на теневом форуме.")
    later = text_of(studio, "ru-initial")
    assert answer(later, "Признаки использования, продажи или опубликования данных") == "да"
    assert answer(later, "Кто получил данные, насколько это известно") == "Покупатель на теневом форуме."


def test_the_result_of_the_inquiry_refers_to_the_first_notice(studio: Programme) -> None:
    opened(studio)
    refused = studio.run("notice", "draft", "ru-investigation")
    assert refused.code == 3
    assert 'incident done ru-152fz-initial --reference "…"' in refused.err
    studio.ok(*DONE)
    text = text_of(studio, "ru-investigation")
    assert answer(text, "Первичное уведомление") == "19 ноября 2026 г., входящий номер РКН-77/2026"
    assert "Что изменилось" not in text  # no letter of ours was handed in, so nobody knows what it said


def test_what_changed_since_the_approved_first_notice_stands_in_the_second(studio: Programme) -> None:
    opened(studio)
    text_of(studio, "ru-initial")
    studio.ok("notice", "approve", "ru-initial-ru", "--role", "owner", "--waiver", "alone")
    studio.later(hours=1)
    studio.ok(*DONE)
    studio.ok("fact", "people_by_country", "RU=11,KZ=5,DE=3")
    studio.ok("fact", "people_affected", "25")
    studio.ok("fact", "root_cause@ru", "Проверку отключил подрядчик.")
    changed = text_of(studio, "ru-investigation").partition("### Что изменилось")[2].partition("## 2.")[0]
    assert answer(changed, "Число субъектов, проживающих в России") == "- было: 10 - стало: 11"
    assert "стало: Проверку отключил подрядчик." in changed
    assert "25" not in changed  # of the whole incident, and no number of Roskomnadzor's


def test_a_letter_after_one_that_was_handed_in_is_a_supplement(studio: Programme) -> None:
    ready(studio)
    text = text_of(studio, "ru-initial")
    assert "# Дополнение к первичному уведомлению" in text
    assert answer(text, "Первичное уведомление") == "19 ноября 2026 г., входящий номер РКН-77/2026"
    assert "# Уведомление о нарушении" in text_of(studio, "kz-authority")  # another duty, which nobody has met


def test_the_kazakh_notice_says_who_is_in_the_list_and_how_many_live_elsewhere(studio: Programme) -> None:
    text = text_of(ready(studio), "kz-authority")
    assert answer(text, "Записей в приложенном списке") == "7"  # 5 in Kazakhstan, 2 of whom nobody knows
    assert answer(text, "В том числе страна проживания неизвестна") == "2"
    assert answer(text, "Учётных записей людей из других стран (в список не входят)") == "13"
    assert answer(text, "Число людей во всех странах вместе") == "20"


def test_who_has_no_register_number_gives_notice_without_one(studio: Programme) -> None:
    ready(studio)
    file = studio.folder / "organisation.toml"
    file.write_text(file.read_text("utf-8").replace('register_number = "000000000000"\n', ""), "utf-8")
    assert "Регистрационный" not in text_of(studio, "kz-authority")
    refused = studio.run("notice", "draft", "ru-initial")
    assert refused.code == 3
    assert "register_number" in refused.err


@pytest.mark.parametrize(
    ("language", "number", "kinds"),
    [("ru", "Регистрационный номер", " (БИН или ИИН)"), ("kk", "Тіркеу нөмірі", " (БСН немесе ЖСН)")],
)
def test_a_register_number_is_a_bin_or_iin_only_of_who_sits_in_kazakhstan(
    language: str, number: str, kinds: str, studio: Programme
) -> None:
    opened(studio)
    seal(studio, rows(20), COUNTRIES)
    at_home = text_of(studio, "kz-authority", language)
    assert f"{number}{kinds}: 000000000000" in at_home
    assert answer(at_home, f"{number}{kinds}") == "000000000000"
    profile = studio.folder / "organisation.toml"
    text = profile.read_text("utf-8")
    assert text.count('country = "KZ"') == 2
    profile.write_text(text.replace('country = "KZ"', 'country = "EE"', 1), "utf-8")
    abroad = text_of(studio, "kz-authority", language)
    assert f"{number}: 000000000000" in abroad
    assert answer(abroad, number) == "000000000000"


def test_the_data_protection_officer_is_the_contact_where_there_is_one(studio: Programme) -> None:
    ready(studio)
    with (studio.folder / "organisation.toml").open("a", encoding="utf-8") as file:
        file.write('[dpo]\nname = "Дана Ахметова"\nemail = "dpo@kadr.example"\n')
    text = text_of(studio, "kz-authority")
    assert "Имя\n:   Дана Ахметова\n" in text
    assert answer(text, "Электронная почта") == "dpo@kadr.example"


@pytest.mark.parametrize(
    ("language", "names", "was", "is_now", "same"),
    [
        (
            "ru", ("Число людей во всех странах вместе", "Записей в приложенном списке"), "было", "стало",
            "прежнее число: 6; сам список изменился",
        ),
        (
            "kk", ("Барлық елдердегі адамдардың жалпы саны", "Қоса берілген тізімдегі жазбалар саны"), "бұрын", "қазір",
            "саны бұрынғыдай: 6; тізімнің өзі өзгерді",
        ),
    ],
)  # fmt: skip
def test_a_supplement_to_the_ministry_says_that_the_people_and_the_list_are_others(
    language: str, names: tuple[str, str], was: str, is_now: str, same: str, studio: Programme
) -> None:
    def supplement() -> str:
        text = text_of(studio, "kz-authority", language)
        return text.partition("\n### ")[2].partition("\n## ")[0]

    def hand_in() -> None:
        studio.ok("notice", "approve", f"kz-authority-{language}", "--role", "owner", "--waiver", "alone")
        studio.ok("done", "kz-pdl-authority")
        studio.later(hours=1)

    ready(studio, languages=f'"{language}"')
    text_of(studio, "kz-authority", language)
    hand_in()
    seal(
        studio, rows(18), COUNTRIES[:14] + COUNTRIES[16:], scope="s2"
    )  # 4 of 5 in Kazakhstan, and 2 of whom nobody knows
    studio.ok("fact", "people_affected", "18")
    changed = supplement()
    assert answer(changed, names[0]) == f"- {was}: 20 - {is_now}: 18"
    assert answer(changed, names[1]) == f"- {was}: 7 - {is_now}: 6"
    hand_in()
    seal(studio, rows(20)[2:], COUNTRIES[:14] + COUNTRIES[16:], scope="s3")  # as many, and others
    assert answer(supplement(), names[1]) == same
