from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.clock.conditions import IS, Condition, Kind, Range, Value, judge, kinds_asked, read_condition

# A busy machine is no failure of the program.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

KINDS = {
    "residents": Kind("count"),
    "individuals": Kind("count"),
    "risk": Kind("choice", ("unlikely", "risk", "high")),
    "data_categories": Kind("set", ("user.name", "user.health", "user.genetic")),
    "encrypted": Kind("yes_no"),
    "seat": Kind("text"),
    "eea": Kind("set"),
    "M": Kind("element"),
    "G": Kind("element"),
    IS: Kind("set", ("bank", "hospital")),
}
EEA = frozenset({"EE", "FI"})


def holds(text: str, **values: Value) -> bool | None:
    return judge(read_condition(text, KINDS), {"eea": EEA, **values}).holds


def test_at_least_and_more_than_differ_at_the_number_itself() -> None:
    assert [holds("residents >= 500", residents=n) for n in (499, 500, 501)] == [False, True, True]
    assert [holds("residents > 500", residents=n) for n in (499, 500, 501)] == [False, False, True]


def test_at_most_and_fewer_than_differ_at_the_number_itself() -> None:
    assert [holds("residents <= 500", residents=n) for n in (499, 500, 501)] == [True, True, False]
    assert [holds("500 > residents", residents=n) for n in (499, 500, 501)] == [True, False, False]


def test_a_number_known_only_in_part_decides_where_its_bounds_do() -> None:
    assert holds("residents > 0", residents=Range(1)) is True
    assert holds("residents >= 500", residents=Range(1)) is None
    assert holds("residents >= 500", residents=Range(0, 499)) is False
    assert holds("residents > 500", residents=Range(0, 500)) is False
    assert holds("residents >= 500", residents=Range(500, 900)) is True
    assert holds("residents == 3", residents=Range(4, 9)) is False
    assert holds("residents == 3", residents=Range(3, 3)) is True
    assert holds("residents != 3", residents=Range(1)) is None


def test_a_set_holds_something_and_overlaps_a_list() -> None:
    held = frozenset({"user.name", "user.health"})
    assert holds('"user.health" in data_categories', data_categories=held) is True
    assert holds('"user.genetic" in data_categories', data_categories=held) is False
    assert holds('data_categories in ("user.health", "user.genetic")', data_categories=held) is True
    assert holds('data_categories in ["user.genetic"]', data_categories=held) is False
    assert holds('"user.health" not in data_categories', data_categories=held) is False


def test_a_country_is_in_a_group() -> None:
    assert holds("seat in eea", seat="EE") is True
    assert holds("seat in eea", seat="GB") is False
    assert holds("seat not in eea") is None


def test_kinds_of_data_overlap_a_group_where_one_of_them_is_in_it() -> None:
    groups: dict[str, Value] = {"M": frozenset({"user.health"}), "G": frozenset({"user.genetic"})}
    touched = [frozenset({"user.name"}), frozenset({"user.name", "user.health"}), frozenset({"user.genetic"})]
    answers = [holds("overlaps(data_categories, M)", data_categories=kinds, **groups) for kinds in touched]
    assert answers == [False, True, False]
    answers = [holds("overlaps(data_categories, M, G)", data_categories=kinds, **groups) for kinds in touched]
    assert answers == [False, True, True]
    unknown = judge(read_condition("overlaps(data_categories, M)", KINDS), groups)
    assert (unknown.holds, unknown.missing) == (None, {"data_categories"})


def test_what_the_organisation_is_is_known_only_where_the_profile_says_so() -> None:
    condition = read_condition('is_a("bank") and not is_a("hospital")', KINDS)
    assert kinds_asked(condition) == {"bank", "hospital"}
    assert judge(condition, {IS: frozenset({"bank"})}).holds is True
    assert judge(condition, {IS: frozenset({"bank", "hospital"})}).holds is False
    assert judge(condition, {IS: frozenset()}).holds is False
    unknown = judge(condition, {})
    assert (unknown.holds, unknown.missing) == (None, {f"{IS}:bank", f"{IS}:hospital"})


def test_what_is_not_known_stays_not_known_and_is_named() -> None:
    verdict = judge(read_condition('residents >= 500 or risk == "high"', KINDS), {"residents": 3})
    assert verdict.holds is None
    assert verdict.missing == {"risk"}


def test_one_known_half_can_decide_without_the_other() -> None:
    assert holds('residents >= 500 or risk == "high"', residents=600) is True
    assert holds('residents >= 500 and risk == "high"', residents=3) is False
    decided = judge(read_condition("residents >= 500 and encrypted", KINDS), {"residents": 3})
    assert decided.missing == frozenset()


def test_a_yes_or_no_is_asked_by_its_name() -> None:
    assert holds("not encrypted", encrypted=True) is False
    assert holds("encrypted", encrypted=True) is True
    assert holds("not encrypted") is None
    assert holds("encrypted == True", encrypted=False) is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("residets >= 5", 'asks "residets", which is no fact; did you mean residents?'),
        ('risk == "hihg"', 'has "hihg", which is none of unlikely, risk, high'),
        ('"user.helth" in data_categories', 'has "user.helth", which is none of'),
        ("risk > 3", "compares by size what is no number"),
        ("risk", "asks risk as if it were yes or no"),
        ('data_categories == "user.name"', "compares a list with =="),
        ("residents in 5", "looks for something in what is no list"),
        ("residents >=", "is not a condition"),
        ("__import__('os')", "has a part that no condition may have"),
        ("residents + 1 > 2", "has a part that no condition may have"),
        ("seat is None", "has a part that no condition may have"),
        ("1 < residents < 5", "has a part that no condition may have"),
        ("residents.real > 1", "has a part that no condition may have"),
        ("residents > 1.5", "has a part that no condition may have"),
        ("seat in (1, 2)", "has a part that no condition may have"),
        ("-residents > 1", "has a part that no condition may have"),
        ("'seat'", "has a part that no condition may have"),
        ('is_a("bnak")', 'asks is_a("bnak"), which law/kinds.toml does not have; did you mean bank?'),
        ("is_a(seat)", "has a part that no condition may have"),
        ("overlaps(data_categories)", "has a part that no condition may have"),
        ("overlaps(seat, M)", "looks for something in what is no list"),
        ("overlaps(data_categories, eea)", "names what is no group of law/elements.toml"),
        ("overlaps(data_categories, X)", 'asks "X", which is no fact'),
    ],
)
def test_a_condition_that_is_wrong_says_how(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are checked below
        read_condition(text, KINDS)
    assert words in str(caught.value)


atoms = st.sampled_from(
    [
        "residents >= 500",
        "residents > 0",
        "individuals < 100",
        "residents == 7",
        'risk == "high"',
        'risk != "unlikely"',
        "encrypted",
        "seat in eea",
        '"user.health" in data_categories',
        'data_categories in ("user.health", "user.genetic")',
    ]
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=6,
).map(lambda text: read_condition(text, KINDS))
facts = st.fixed_dictionaries(
    {
        "residents": st.sampled_from([0, 1, 7, 499, 500, 501]),
        "individuals": st.sampled_from([0, 99, 100, 5000]),
        "risk": st.sampled_from(["unlikely", "risk", "high"]),
        "encrypted": st.booleans(),
        "seat": st.sampled_from(["EE", "GB"]),
        "data_categories": st.frozensets(st.sampled_from(["user.name", "user.health", "user.genetic"])),
    }
)


@unhurried
@given(condition=conditions, known=facts, hidden=st.sets(st.sampled_from(sorted(KINDS))))
def test_forgetting_a_fact_never_turns_one_answer_into_the_other(
    condition: Condition, known: dict[str, Value], hidden: set[str]
) -> None:
    full = judge(condition, {**known, "eea": EEA})
    part = judge(condition, {"eea": EEA, **{name: value for name, value in known.items() if name not in hidden}})

    assert full.holds is not None
    assert part.holds in {None, full.holds}
    if part.holds is None:
        assert part.missing
        assert part.missing <= hidden
    else:
        assert not part.missing


@unhurried
@given(condition=conditions, known=facts, low=st.integers(0, 3), more=st.integers(0, 3))
def test_bounds_never_contradict_the_number_inside_them(
    condition: Condition, known: dict[str, Value], low: int, more: int
) -> None:
    number = known["residents"]
    assert isinstance(number, int)
    bounds = Range(max(0, number - low), number + more)
    vague = judge(condition, {**known, "eea": EEA, "residents": bounds})
    assert vague.holds in {None, judge(condition, {**known, "eea": EEA}).holds}
