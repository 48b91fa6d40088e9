"""How far proof carries a claim, and when a measurement is out of date."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.model.results import Bounds, CheckResult
from readybook.score.bounds import carry, check_results
from readybook.score.claims import Claim, Document
from samples import AS_OF, DATA_MODEL, assessment, days_ago, finding, question

LIFE = dt.timedelta(days=180)  # of source-opened


def result_of(check, *findings, data_model=DATA_MODEL):
    """What one check says where this was found."""
    bound = question("AVL-01", checks=[(check, 3, 1)])
    case = assessment(findings=findings).model_copy(update={"data_model": data_model})
    found = {(one.check, one.subject): one for one in findings}
    (result,) = check_results(bound, case, found, AS_OF)
    return result


def two_tables(**changes):
    """The data model with a second table; the first one's declaration may change."""
    first = DATA_MODEL.tables[0].model_copy(update=changes)
    second = DATA_MODEL.tables[0].model_copy(update={"name": "u"})
    return DATA_MODEL.model_copy(update={"tables": (first, second)})


@pytest.mark.parametrize(
    ("ages", "outcomes", "outcome", "is_old"),
    [
        ((200, 10), ("contradicts", "contradicts"), "failed", False),
        ((200, 200), ("contradicts", "contradicts"), "failed", True),
        ((200, 10), ("contradicts", "supports"), "failed", True),
        ((10, 200), ("contradicts", "supports"), "failed", False),
        ((200, 10), ("supports", "supports"), "passed", True),
        ((180, 10), ("supports", "supports"), "passed", False),
        ((10, 10), ("supports", "not measured"), "not measured", False),
    ],
)
def test_failure_is_old_when_all_of_it_is_and_a_pass_when_part_of_it_is(
    ages, outcomes, outcome, is_old
):
    """What decides is looked at: of a failed check, the subjects that failed."""
    found = [
        finding("source-opened", said, age=age, subject=table)
        for said, age, table in zip(outcomes, ages, "tu", strict=True)
    ]
    result = result_of("source-opened", *found, data_model=two_tables())

    assert (result.outcome, result.out_of_date) == (outcome, is_old)


@pytest.mark.parametrize(
    ("check", "is_old"), [("source-opened", True), ("lineage-traced", False)]
)
def test_only_what_was_measured_of_the_data_ages_with_the_declaration(check, is_old):
    """What is judged anew each time is never out of date, whatever its subject."""
    changed = two_tables(declared="sha256:other")
    subjects = ("t", "u") if check == "source-opened" else ("t.a", "u.a")
    found = [finding(check, "supports", subject=name) for name in subjects]
    result = result_of(check, *found, data_model=changed)

    assert (result.outcome, result.out_of_date) == ("passed", is_old)


def test_check_of_nothing_passes_nothing():
    """Where a check has no subject, it neither passes nor fails."""
    bare = DATA_MODEL.model_copy(update={"tables": ()})

    assert result_of("source-opened", data_model=bare).outcome == "not measured"


def check(outcome, *, old=False, supports=4, proves=1, age=10):
    """A check that came out like this, with its one finding."""
    said = {"passed": "supports", "failed": "contradicts"}[outcome]
    return CheckResult(
        check="source-opened",
        title="The data was opened",
        outcome=outcome,
        supports=supports,
        proves=proves,
        out_of_date=old,
        findings=(finding("source-opened", said, age=age),),
    )


def claim(level, *documents):
    """A claim of one level with these documents, each (kind, supports, days left)."""
    return Claim(
        as_of=AS_OF,
        status="answered",
        range=Bounds(lower=level, upper=level),
        word=Bounds(lower=level, upper=level),
        documents=tuple(
            Document(
                kind, "it", "owner", days_ago(9), AS_OF + dt.timedelta(left), level
            )
            for kind, level, left in documents
        ),
    )


@pytest.mark.parametrize(
    ("documents", "checks", "proof", "lower"),
    [
        ([], [], "said", 1),
        ([("on file", 3, 0)], [], "on file", 3),
        ([("on file", 3, -1)], [], "out of date", 1),
        ([("double-checked", 2, 5)], [], "double-checked", 2),
        ([("on file", 3, 5), ("double-checked", 4, 5)], [], "double-checked", 4),
        ([("on file", 3, 5)], [check("passed", supports=2)], "measured", 3),
        ([], [check("passed", old=True)], "out of date", 1),
        ([("on file", 3, 5)], [check("passed", old=True)], "on file", 3),
        ([("on file", 3, 5)], [check("failed", proves=2)], "contradicted", 2),
        ([("on file", 3, 5)], [check("failed", proves=2, old=True)], "contradicted", 2),
        ([], [check("failed", proves=4)], "said", 1),
    ],
)
def test_strongest_proof_in_date_carries_the_claim(documents, checks, proof, lower):
    """On its last day a proof still counts; a failure counts whatever its age."""
    carried = carry(claim(4, *documents), tuple(checks))

    assert (carried.proof, carried.bounds.lower) == (proof, lower)
    assert carried.contradicted == (proof == "contradicted")


def test_first_proof_that_counts_says_when_it_lapses():
    """Documents out of date and checks that failed are not among them."""
    documents = [("on file", 3, -5), ("double-checked", 3, 50)]
    filed = carry(claim(4, *documents), (check("failed", age=170),))
    measured = carry(claim(4, *documents), (check("passed", age=170),))

    assert filed.lapses == AS_OF + dt.timedelta(days=50)
    assert measured.lapses == days_ago(170) + LIFE
    assert carry(claim(4), ()).lapses is None
