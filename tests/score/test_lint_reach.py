"""What lint says of levels and verdicts in reach is what trying every answer says."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from readybook.model.bank import PHASES
from readybook.model.results import Bounds
from readybook.score.lint import facts_without_weight, verdicts_reached
from readybook.score.verdicts import Case, Item, verdict_of
from samples import bank, question

gates = st.none() | st.tuples(st.sampled_from(PHASES), st.integers(1, 4))
asked = st.tuples(
    st.sampled_from(["SCP", "AVL", "QLT"]),
    st.sampled_from(["key", "major", "minor"]),
    gates,
)


def every_verdict(small, phase, needs):
    """The verdicts of all answers, each question at each level."""
    found = set()
    for levels in itertools.product(range(5), repeat=len(small.questions)):
        items = tuple(
            Item(
                id=q.id,
                section=section,
                weight=q.weight,
                gate=q.gate.level
                if q.gate and PHASES.index(q.gate.phase) <= PHASES.index(phase)
                else None,
                bounds=Bounds(lower=level, upper=level),
            )
            for (section, q), level in zip(small.questions, levels, strict=True)
        )
        for need in needs:
            case = Case(items, Bounds(lower=need, upper=need))
            found.add(verdict_of(case).lower)
    return found


@given(st.lists(asked, min_size=1, max_size=4), st.sampled_from(PHASES))
def test_few_answers_stand_for_all(rows, phase):
    """Whatever gates and weights a bank has: nothing else can be reached."""
    small = bank(
        *(
            question(f"{section}-{at:02}", weight=weight, gate=gate)
            for at, (section, weight, gate) in enumerate(rows, 1)
        )
    )
    base = PHASES.index(phase) + 1

    assert verdicts_reached(small, phase) == every_verdict(
        small, phase, {base, min(base + 1, 4)}
    )


def test_dimension_of_minor_questions_has_one_level_only():
    """Advice moves no level, with or without a condition on it."""
    facts = bank().facts
    minor = question("AVL-01", weight="minor")
    key = question("AVL-02", applies_when={"stakes": ("high",)})

    assert facts_without_weight([], facts) is None
    assert facts_without_weight([question("AVL-01"), minor], facts) is None
    assert facts_without_weight([minor], facts) == {}
    assert facts_without_weight([minor, key], facts) == {"stakes": "low"}


def test_question_that_is_asked_where_the_key_one_is_leaves_nothing_out():
    """A minor question with the same condition never stands alone."""
    facts = bank().facts
    condition = {"stakes": ("high",)}
    rows = [
        question("AVL-01", weight="minor", applies_when=condition),
        question("AVL-02", weight="major", applies_when=condition),
    ]

    assert facts_without_weight(rows, facts) is None
