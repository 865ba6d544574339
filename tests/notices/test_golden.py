"""
The shipped letters, byte for byte, from the facts in facts.toml. After a change of wording:

    .venv/bin/pytest tests/notices --refresh-golden     and review the diff as a reader would.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from notices.contents import findings_on
from notices.drafting import Draft, Occasion, draft
from notices.lint import lint
from notices.template_library import Library

GOLDEN = Path(__file__).parent / "golden"
LETTERS = [(kind, language) for kind in ("authority", "people") for language in ("en", "et")]


def written(kind: str, language: str, incident: Incident, organisation: Organisation, now: datetime) -> Draft:
    occasion = Occasion(incident, organisation, now, now + timedelta(hours=40), copies=("en", "et"))
    return draft(Library().template(kind, language), occasion)


@pytest.mark.parametrize(("kind", "language"), LETTERS)
def test_a_letter_is_what_was_reviewed(
    kind: str, language: str, incident: Incident, organisation: Organisation, now: datetime, refresh_golden: bool
) -> None:
    letter = written(kind, language, incident, organisation, now)
    file = GOLDEN / f"{kind}-{language}.md"
    whole = f"Subject: {letter.subject}\n\n{letter.text}"
    if refresh_golden:
        file.write_text(whole, encoding="utf-8")
    assert whole == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "language"), LETTERS)
def test_a_shipped_letter_passes_its_own_checks(
    kind: str, language: str, incident: Incident, organisation: Organisation, now: datetime
) -> None:
    letter = written(kind, language, incident, organisation, now)
    template = Library().template(kind, language)
    assert lint(letter.text, Library().manners(language), invented=True) == []
    findings = findings_on(
        template.items, letter.facts, incident.ledger, language=language, may_be_open=template.kind.may_be_open
    )
    assert (findings.missing, findings.still_open) == ((), ())


# Article 33(3) and 34(2), letter by letter: what a reader at the authority looks for. To people in English, with the
# headings of Cal. Civ. Code 1798.82(d) in its order.
HEADINGS = {
    ("authority", "en"): [
        "1. Kind of notification", "2. Controller", "3. Contact point", "4. Timeline", "5. Nature of the breach",
        "6. People concerned", "7. Personal data concerned", "8. Safeguards in place before the breach",
        "9. Likely consequences", "10. Assessment of the risk", "11. Measures",
        "12. Communication to the people concerned (Article 34)", "13. Countries, other authorities, police",
        "14. Attachments",
    ],
    ("authority", "et"): [
        "1. Teate liik", "2. Vastutav töötleja", "3. Kontaktisik", "4. Ajakava", "5. Rikkumise laad",
        "6. Puudutatud andmesubjektid", "7. Puudutatud isikuandmed", "8. Enne rikkumist kehtinud turvameetmed",
        "9. Võimalikud tagajärjed", "10. Ohu hindamine", "11. Meetmed", "12. Andmesubjektide teavitamine (artikkel 34)",
        "13. Riigid, teised asutused, politsei", "14. Lisad",
    ],
    ("people", "en"): [
        "What Happened", "What Information Was Involved", "What This Can Mean for You", "What We Are Doing",
        "What You Can Do", "For More Information",
    ],
    ("people", "et"): [
        "Mis juhtus", "Teie andmed", "Mida see Teie jaoks tähendab", "Mida saate kohe teha", "Mida oleme teinud",
        "Mis saab edasi", "Küsimused",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "language"), LETTERS)
def test_the_parts_stand_in_the_order_a_reader_expects(
    kind: str, language: str, incident: Incident, organisation: Organisation, now: datetime
) -> None:
    text = written(kind, language, incident, organisation, now).text
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS[kind, language]
