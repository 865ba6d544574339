"""
The pages in docs/companies are what the stories print. After a change of story or screen:

    .venv/bin/pytest tests/playbooks/test_company_pages.py --refresh-golden     and review the diff as a reader would.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from company_page import page_of

from playbooks.samples.samples import Sample, samples

PAGES = Path(__file__).parents[2] / "docs" / "companies"
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # a Friday afternoon, and night already in Almaty


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.id)
def test_a_company_s_page_is_what_its_story_prints(sample: Sample, tmp_path: Path, refresh_golden: bool) -> None:
    page, demo = page_of(sample, tmp_path / "tour", now=NOW)
    assert demo.score.exact
    file = PAGES / f"{sample.id}.md"
    if refresh_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8")
    assert page == file.read_text(encoding="utf-8")


def test_there_is_a_page_for_each_company_and_no_other() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == {sample.id for sample in samples()}
