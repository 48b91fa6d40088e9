"""The rules of levels, gates and verdicts, on generated and enumerated cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.model.bank import DIMENSIONS
from readybook.model.results import Bounds
from readybook.score.verdicts import (
    MOST_CONDITIONS,
    Case,
    Item,
    dimension_bounds,
    dimension_level,
    gate_state,
    missing_for_ready,
    settle,
    too_far_below,
    verdict_of,
)

RANK = {"not ready": 0, "conditions": 1, "ready": 2}


@st.composite
def bounds(draw):
    """Any interval of levels."""
    low = draw(st.integers(0, 4))
    return Bounds(lower=low, upper=draw(st.integers(low, 4)))


@st.composite
def cases(draw, most=7, least=0):
    """Any small case, over all sections, weights and gates."""
    count = draw(st.integers(least, most))
    sections = draw(st.sampled_from([["SCP", *DIMENSIONS[:2], "VAL"], DIMENSIONS[:1]]))
    items = tuple(
        Item(
            id=f"Q-{n:02}",
            section=draw(st.sampled_from(sections)),
            weight=draw(st.sampled_from(["key", "major", "major", "minor"])),
            gate=draw(st.sampled_from([None, None, 1, 2, 3])),
            bounds=draw(bounds()),
            hangs_on=draw(st.sampled_from([(), (), (), ("serving",), ("origin",)])),
        )
        for n in range(count)
    )
    low = draw(st.integers(1, 3))
    undeclared = draw(st.sampled_from([(), ("stakes",), ("stakes", "serving")]))
    needed = Bounds(lower=low, upper=low + 1 if undeclared else low)
    return Case(items=items, needed=needed, undeclared=undeclared)


def worlds(case):
    """The case with each of the questions that hang on facts asked, or not at all."""
    hanging = [i for i in case.items if i.hangs_on]
    for asked in product((True, False), repeat=len(hanging)):
        gone = [i for i, is_asked in zip(hanging, asked, strict=True) if not is_asked]
        items = (replace(i, hangs_on=()) for i in case.items if i not in gone)
        yield replace(case, items=tuple(items))


def turned_out_well(case, facts):
    """The case after these facts turned out well, written without the rules' code."""
    items = tuple(
        replace(i, bounds=Bounds(lower=4, upper=4), hangs_on=())
        if {*i.hangs_on} & {*facts}
        else replace(i, bounds=Bounds(lower=i.bounds.upper, upper=i.bounds.upper))
        if i.id in facts
        else i
        for i in case.items
    )
    harmless = case.undeclared and set(case.undeclared) <= set(facts)
    high = case.needed.lower if harmless else case.needed.upper
    return replace(
        case, items=items, needed=Bounds(lower=case.needed.lower, upper=high)
    )


def oracle_word(levels, items, needed):
    """The verdict by method.md, section 4, written independently of the rules' code."""
    if any(i.gate is not None and levels[i.id] < i.gate for i in items):
        return "not ready"
    worst = 0
    for section in DIMENSIONS:
        own = [i for i in items if i.section == section]
        if not own:
            continue
        stands = 0
        for level in (1, 2, 3, 4):
            keys = [i for i in own if i.weight == "key"]
            majors = [i for i in own if i.weight == "major"]
            held = [i for i in majors if levels[i.id] >= level]
            if any(levels[i.id] < level for i in keys):
                break
            if majors and len(held) / len(majors) < 0.75:
                break
            stands = level
        worst = max(worst, needed - stands)
    if worst >= 2 or oracle_conditions(levels, items, needed) > 5:
        return "not ready"
    return "conditions" if oracle_conditions(levels, items, needed) else "ready"


def oracle_conditions(levels, items, needed):
    """How many questions have to rise, scope's key ones included, by counting."""
    total = 0
    for section in ("SCP", *DIMENSIONS):
        own = [i for i in items if i.section == section]
        total += sum(levels[i.id] < needed for i in own if i.weight == "key")
        majors = [i for i in own if i.weight == "major" and section != "SCP"]
        held = sum(levels[i.id] >= needed for i in majors)
        while majors and held / len(majors) < 0.75:
            held += 1
            total += 1
    return total


@given(cases(most=9))
def test_verdict_equals_the_independent_oracle(case):
    """Both ends of every verdict are what the method's text says."""
    verdict = verdict_of(case)

    low = {i.id: i.bounds.lower for i in case.items}
    high = {i.id: 4 if i.hangs_on else i.bounds.upper for i in case.items}
    lowest = [oracle_word(low, one.items, case.needed.upper) for one in worlds(case)]

    assert min(lowest, key=RANK.get) == verdict.lower
    assert oracle_word(high, case.items, case.needed.lower) == verdict.upper


@given(cases())
def test_whatever_is_asked_in_the_end_lies_inside_of_what_was_printed(case):
    """A question that hangs on a fact may be asked or not: no end moves outwards."""
    verdict = verdict_of(case)
    for world in worlds(case):
        after = verdict_of(world)

        assert RANK[verdict.lower] <= RANK[after.lower]
        assert RANK[after.upper] <= RANK[verdict.upper]
        for section in DIMENSIONS:
            old, new = (dimension_bounds(one, section) for one in (case, world))

            assert new is None or old.lower <= new.lower <= new.upper <= old.upper


@given(cases())
def test_lower_verdict_is_never_better_than_the_upper(case):
    """The worst case cannot be better than the best case."""
    verdict = verdict_of(case)

    assert RANK[verdict.lower] <= RANK[verdict.upper]


@pytest.mark.slow
@given(cases(least=1), st.data())
def test_raising_a_bound_never_worsens_the_verdict(case, data):
    """A better answer or measurement never worsens either end of the verdict."""
    index = data.draw(st.integers(0, len(case.items) - 1))
    old = case.items[index].bounds
    low = data.draw(st.integers(old.lower, 4))
    high = data.draw(st.integers(max(low, old.upper), 4))
    items = list(case.items)
    items[index] = replace(items[index], bounds=Bounds(lower=low, upper=high))
    before, after = verdict_of(case), verdict_of(replace(case, items=tuple(items)))

    assert RANK[after.lower] >= RANK[before.lower]
    assert RANK[after.upper] >= RANK[before.upper]


@given(cases())
def test_what_would_settle_it_settles_it(case):
    """The named facts, turned out well, give the upper verdict."""
    verdict = verdict_of(case)
    after = verdict_of(turned_out_well(case, settle(case)))

    assert after.lower == verdict.upper


@given(cases(most=6))
def test_nothing_smaller_settles_it(case):
    """No smaller set of facts gives the upper verdict, by trying all of them."""
    target = verdict_of(case).upper
    facts = settle(case)
    hanging = [fact for i in case.items for fact in i.hangs_on]
    everything = {*(i.id for i in case.items), *case.undeclared, *hanging}

    smaller = (
        chosen
        for size in range(len(facts))
        for chosen in combinations(everything, size)
    )

    assert not any(
        verdict_of(turned_out_well(case, chosen)).lower == target for chosen in smaller
    )


def test_tie_leaves_a_scope_fact_undeclared():
    """One answer, or one declaration, settles it: the answer is asked for."""
    key = Item("AVL-01", "AVL", "key", None, Bounds(lower=1, upper=4))
    case = Case((key,), Bounds(lower=1, upper=2), ("stakes",))

    assert settle(case) == ("AVL-01",)


@pytest.mark.parametrize("many", [1, 9])
def test_fact_on_which_it_hangs_what_is_asked_is_what_decides(many):
    """To declare that it is not asked asks for no more than to prove it, facts by tens."""
    gates = tuple(
        Item(f"AVL-0{n}", "AVL", "key", 3, Bounds(lower=1, upper=2), (f"fact-{n}",))
        for n in range(many)
    )

    assert settle(Case(gates, Bounds(lower=1, upper=1))) == tuple(
        f"fact-{n}" for n in range(many)
    )


def test_scope_facts_are_declared_where_that_asks_for_less():
    """Two answers, or one declaration: the fewest facts are named."""
    keys = tuple(
        Item(f"AVL-0{n}", "AVL", "key", None, Bounds(lower=1, upper=4)) for n in (1, 2)
    )
    case = Case(keys, Bounds(lower=1, upper=2), ("stakes",))

    assert settle(case) == ("stakes",)


def test_of_questions_alike_the_first_in_the_bank_settle_it():
    """Three of four majors suffice, and the bank's order says which."""
    majors = tuple(
        Item(f"AVL-0{n}", "AVL", "major", None, Bounds(lower=0, upper=4))
        for n in range(1, 5)
    )

    assert settle(Case(majors, Bounds(lower=1, upper=1))) == (
        "AVL-01",
        "AVL-02",
        "AVL-03",
    )


@given(cases())
def test_missing_for_ready_brings_every_dimension_to_the_level_needed(case):
    """Raising the listed conditions leaves no dimension below the level needed."""
    raised = {
        i.id: 4 if i.id in missing_for_ready(case) else i.bounds.lower
        for i in case.items
    }
    ungated = [
        replace(i, gate=None)
        for i in case.items
        if not i.hangs_on
        or i.id in missing_for_ready(case)
        or i.bounds.lower < case.needed.upper
    ]

    assert oracle_word(raised, ungated, case.needed.upper) == "ready"


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], None),
        ([("minor", 0)], 4),
        ([("key", 2), ("major", 4)], 2),
        ([("major", 3)] * 3 + [("major", 0)], 3),
        ([("major", 3)] * 2 + [("major", 0)], 0),
    ],
)
def test_dimension_level_needs_all_keys_and_three_quarters_of_majors(levels, expected):
    """Keys never compensate; one major question in four may lag behind."""
    assert dimension_level(levels) == expected


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [(3, 4, "passed"), (0, 2, "failed"), (2, 3, "undecided"), (0, 4, "undecided")],
)
def test_gate_is_undecided_where_its_bounds_straddle_the_minimum(low, high, state):
    """A gate passes on its lower bound and fails on its upper bound."""
    assert gate_state(3, Bounds(lower=low, upper=high)) == state


@given(cases(most=12, least=5))
def test_not_ready_though_no_gate_fails_is_told_by_what_must_rise(case):
    """A dimension far too low, or more questions than may be left: one of them, named."""
    verdict, missing = verdict_of(case), missing_for_ready(case)
    fails = [i for i in case.items if i.gate is not None and i.bounds.upper < i.gate]
    far = too_far_below(case)
    if verdict.upper == "not ready" and not fails:
        assert far or len(missing) > MOST_CONDITIONS
    low = {i.section for i in case.items if i.id in missing}
    assert low.issuperset(far)
    assert not far or verdict.upper == "not ready"
