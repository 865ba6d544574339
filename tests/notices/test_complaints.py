"""A company without a seat: its letter to people sends them to the authority of the country they live in."""

import tomllib
from pathlib import Path

import pytest
from programme import Programme

NO_SEAT = """
[organisation]
name = "Two Shores Services"
address = "P.O. Box 1"
zone = "UTC"
languages = ["en", "et", "ru", "kk"]
[contact]
name = "Vera Belova"
email = "privacy@twoshores.example"
"""
WHERE_THEY_LIVE = NO_SEAT.replace("[contact]", 'complaints_to = "residence"\n[contact]')
SAYS = {
    "en": ("to the authorities whose law asks for it", "the supervisory authority of the country you live in"),
    "et": ("asutustele, kellele seaduse järgi teatama peab", "selle riigi järelevalveasutusele, kus Te elate"),
    "ru": ("органам, которым обязаны сообщить", "в надзорный орган той страны, где Вы живёте"),
    "kk": ("заң талап ететін органдарға", "өзіңіз тұратын елдің қадағалау органына"),
}


@pytest.fixture
def company(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    (tmp_path / "organisation.toml").write_text(WHERE_THEY_LIVE, encoding="utf-8")
    company = Programme(tmp_path, capsys)
    company.ok("open", "tokens were taken", "--occurred", "2 days ago", "--detected", "3 hours ago")
    company.ok("aware", "now", "--because", "they were taken")
    facts = {
        "breach_type": "confidentiality",
        "contained_at": "1 hour ago",
        "data_categories": "user.name",
        "next_update_at": "2026-12-20",
    }
    here = Path(__file__).parent
    texts = tomllib.loads((here / "facts.toml").read_text())["facts"]
    texts |= tomllib.loads((here / "facts_russian_kazakh.toml").read_text())["facts"]
    names = ("what_happened", "likely_consequences", "measures_taken", "actions_for_people")
    facts |= {name: text for name, text in texts.items() if name.partition("@")[0] in names}
    for name, value in facts.items():
        company.ok("fact", name, value)
    return company


@pytest.mark.parametrize("language", list(SAYS))
def test_readers_are_sent_to_the_authority_where_they_live(company: Programme, language: str) -> None:
    company.ok("notice", "draft", "people", "--language", language)
    said = company.ok("notice", "show", f"people-{language}").out
    for words in SAYS[language]:
        assert words in " ".join(said.split())


def test_unless_the_profile_says_so_seat_and_authority_are_asked_for(company: Programme) -> None:
    (company.folder / "organisation.toml").write_text(NO_SEAT, encoding="utf-8")
    refused = company.run("notice", "draft", "people", "--language", "en")
    assert refused.code == 3
    for key in ("country", "authority.name"):
        assert f": {key}\n" in refused.err


def test_the_authoritys_letter_asks_for_both_in_any_case(company: Programme) -> None:
    refused = company.run("notice", "draft", "authority", "--language", "en")
    assert refused.code == 3
    for key in ("country", "authority.name"):
        assert f": {key}" in refused.err
