"""What counts as a country."""

from __future__ import annotations

import pytest

from incident.scope.counts import UNKNOWN, _countries, country_of


@pytest.mark.parametrize(
    ("stored", "country"),
    [("EE", "EE"), (" ee ", "EE"), ("GB", "GB"), ("XK", "XK"), ("AX", "AX"), ("gg", "GG"), ("uk", "GB"), ("EL", "GR")]
    + [(code, UNKNOWN) for code in ("XX", "ZZ", "EU", "QO", "AA", "SU", "YU", "EST", "Estonia", "", "  ", "1E")]
    + [(None, UNKNOWN)],
)
def test_a_country_is_one_that_there_is(stored: str | None, country: str) -> None:
    assert country_of(stored) == country


def test_the_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(_countries()) == 249 + 1
