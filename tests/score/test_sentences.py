"""What is told of a verdict and of a question, word for word."""

from __future__ import annotations

import pytest

from readybook.model.contract import NO_DATA_MODEL, Category, Column, Table
from readybook.model.findings import Series
from readybook.model.results import CheckResult, Verdict
from readybook.score.claims import carry, claim_of
from readybook.score.score import score
from readybook.score.sentences import (
    cause_of,
    columns_told,
    derive,
    headline_of,
    plain_finding,
    subline_of,
)
from samples import (
    answer,
    assessment,
    bank,
    days_ago,
    finding,
    question,
    sheet,
    waved_off,
)

CHECKED = question("AVL-01", checks=[("source-opened", 3, 1)])
AT_WORST = "at worst 'improvised' until it is made"


def told(case, of=CHECKED):
    """The rules and sentences of one question."""
    steps = score(bank(of), case).standing(of.id).derivation
    return [(step.rule, step.says) for step in steps]


def check(outcome, **more):
    told = {"check": "source-opened", "title": "It opens", "supports": 3, "proves": 1}
    return CheckResult(outcome=outcome, **(told | more))


def found(*outcomes):
    """Findings of these outcomes, each of its own table and older than the one before."""
    return tuple(
        finding("source-opened", outcome, subject=f"t{at}", age=10 + at).model_copy(
            update={"message": f"{at} {outcome}."}
        )
        for at, outcome in enumerate(outcomes, start=1)
    )


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (check("not measured"), f"{AT_WORST}. Nothing is declared for it."),
        (check("not measured", missing=("t",)), f"{AT_WORST}. Not measured: t."),
        (
            check("not measured", missing=("t", "u"), undeclared=("u",)),
            (
                f"{AT_WORST}. Not measured: t, u. To declare for it, or as not "
                "needed: u."
            ),
        ),
        (
            check("passed", findings=found("supports", "informs")),
            "supports up to 'in place'. 1 supports.",
        ),
        (
            check("passed", findings=found("supports"), missing=("u",)),
            "supports up to 'in place'. It looked at 1 of 2 needed tables; not at u.",
        ),
        (
            check("passed", is_alone=True),
            "supports up to 'in place', no further: no other role agreed to the sample.",
        ),
        (
            check("passed", is_alone=True, check="nulls-tolerated"),
            "supports up to 'in place', no further: no other role agreed to the limit.",
        ),
        (
            check("failed", findings=found(*["contradicts"] * 3, "supports")),
            "proves at most 'improvised'. 1 contradicts. 2 contradicts. 3 contradicts.",
        ),
        (
            check("failed", findings=found(*["contradicts"] * 4), missing=("u",)),
            (
                "proves at most 'improvised'. 1 contradicts. 2 contradicts. 3 contradicts. "
                "And 1 more."
            ),
        ),
        (
            check("passed", out_of_date=True),
            "out of date, at worst 'improvised' until it is made again.",
        ),
        (
            check("failed", out_of_date=True),
            "out of date, still proves at most 'improvised' until it is measured again.",
        ),
        (check("not needed"), "declared as not needed."),
    ],
)
def test_check_is_told_with_its_effect_and_what_decides_it(made, says):
    """Failures before passes, three of them at most; then what is still untested."""
    claim = claim_of(CHECKED, assessment())
    steps = derive(CHECKED, claim, (made,), carry(claim, (made,)), bank=bank(CHECKED))
    (step,) = [step for step in steps if step.rule == "check"]

    assert step.says == f"It opens: {says}"
    assert step.evidence == made.check
    assert step.date == (days_ago(11) if made.findings else None)


@pytest.mark.parametrize(
    ("value", "proof_age", "outcome", "says"),
    [
        ("unknown", None, None, ("As that is not known, it may stand anywhere from "
         "'missing' to 'in place and watched'.")),
        ("unknown", None, "contradicts", ("As that is not known, it may stand anywhere "
         "from 'missing' to 'improvised'.")),
        (4, None, "contradicts", ("The measurement overrules the claim: stands at "
         "'improvised'.")),
        (3, None, "supports", "Proof reaches the claim: 'in place'."),
        (4, None, "supports", ("Proof reaches 'in place', the claim 'in place and "
         "watched': between them.")),
        (3, 5, None, ("Until every check has passed, against limits and samples that two roles "
         "agreed to: 'improvised' at worst, as claimed at best.")),
    ],
)  # fmt: skip
def test_bounds_are_told_with_what_holds_them_apart(value, proof_age, outcome, says):
    """The last step says which of claim, proof and measurement decides."""
    case = assessment(
        {"ann": sheet("owner", {"AVL-01": answer(value, proof_age=proof_age)})},
        findings=[finding("source-opened", outcome)] if outcome else [],
    )

    assert told(case)[-1] == ("bounds", says)


@pytest.mark.parametrize(
    ("own", "others", "says"),
    [
        (answer(3), 0, "Owner says: in place."),
        (answer("does-not-apply"), 1,
         "Owner has given no complete answer yet. 1 other role answered; that counts on people's word alone."),
        (answer("unknown"), 1, "Owner says: we don't know."),
        (None, 0, "Owner has given no complete answer yet."),
        (None, 1, ("Owner has given no complete answer yet. 1 other role answered; that "
         "counts on people's word alone.")),
        (None, 2, ("Owner has given no complete answer yet. 2 other roles answered; that "
         "counts on people's word alone.")),
    ],
)  # fmt: skip
def test_claim_is_told_with_who_gave_it(own, others, says):
    """Those who do not answer for it are counted, and nothing else of them is told."""
    sheets = {"ann": sheet("owner", {"AVL-01": own} if own else {})}
    sheets |= {str(at): sheet("other", {"AVL-01": answer(4)}) for at in range(others)}

    assert told(assessment(sheets))[0] == ("claim", says)


def test_question_that_is_waved_off_has_no_further_steps():
    """There is nothing to prove and nothing to measure."""
    case = assessment({"ann": sheet("owner", {"AVL-01": waved_off()})})

    assert told(case) == [("claim", "Owner says: does not apply.")]


@pytest.mark.parametrize(
    ("age", "carries"),
    [(5, "carries a claim up to 'in place'"), (365, "out of date since")],
)
def test_document_is_told_with_how_far_it_carries(age, carries):
    """Or since when it is out of date, and what it counts as then."""
    plain = question("AVL-01")
    case = assessment({"ann": sheet("owner", {"AVL-01": answer(3, proof_age=age)})})
    (_, says) = told(case, plain)[1]

    assert says.startswith(f"On file: file no. 7; {carries}")
    assert says.endswith("counts as said.") == (age > 5)


@pytest.mark.parametrize(
    ("lower", "upper", "deciding", "headline", "subline"),
    [
        ("ready", "ready", 0, "Ready for pilot", ""),
        ("conditions", "conditions", 0, "Ready for pilot, with 1 condition", ""),
        ("conditions", "ready", 1, "Ready for pilot, with 1 condition",
         "Could become ready if 1 open fact turns out well."),
        ("conditions", "ready", 2, "Ready for pilot, with 1 condition",
         "Could become ready if 2 open facts turn out well."),
        ("not ready", "conditions", 1, "Not enough known: 1 fact decides",
         "Do not commit yet; at best: ready with conditions for pilot."),
        ("not ready", "ready", 2, "Not enough known: 2 facts decide",
         "Do not commit yet; at best: ready for pilot."),
        ("not ready", "not ready", 0, "Not ready for pilot: 2 gates fail", ""),
    ],
)  # fmt: skip
def test_verdict_is_told_at_its_two_ends(lower, upper, deciding, headline, subline):
    """What it is in one line, and in a second one what it could become."""
    verdict = Verdict(lower=lower, upper=upper)
    said = headline_of(
        verdict, "pilot", stops="2 gates fail", deciding=deciding, conditions=1
    )

    assert said == headline
    assert subline_of(verdict, "pilot", deciding=deciding) == subline


GATED = bank(
    *(question(f"SCP-0{at}", gate=("prototype", 2)) for at in range(1, 6)),
    *(question(f"{section}-01") for section in ("AVL", "QLT", "PRV", "OWN")),
)


@pytest.mark.parametrize(
    ("levels", "headline", "because"),
    [
        ([0, 3, 3, 3, 3], "Not ready for pilot: 1 gate fails",
         "Title of SCP-01: missing (SCP-01). No dimension can be placed yet."),
        ([0, 0, 3, 3, None], "Not ready for pilot: 2 gates fail",
         ("Title of SCP-01: missing (SCP-01). Title of SCP-02: missing (SCP-02). 1 gate "
         "is undecided. No dimension can be placed yet.")),
        ([0, 0, 0, 0, 3], "Not ready for pilot: 4 gates fail",
         ("Title of SCP-01: missing (SCP-01). Title of SCP-02: missing (SCP-02). Title "
         "of SCP-03: missing (SCP-03). 1 more gate fails. No dimension can be placed "
         "yet.")),
        ([None, None, 3, 3, 3], "Not enough known: ",
         "2 gates are undecided. No dimension can be placed yet."),
    ],
)  # fmt: skip
def test_gates_that_decide_are_named(levels, headline, because):
    """Three by their causes, others by their number; then the weakest dimension."""
    given = {
        f"SCP-0{at}": answer(level, proof_age=5)
        for at, level in enumerate(levels, start=1)
        if level is not None
    }
    result = score(GATED, assessment({"ann": sheet("owner", given)}))

    assert result.headline.startswith(headline)
    assert result.because.startswith(because)


def test_weakest_dimension_is_the_lowest_at_worst_and_then_at_best():
    """It is told with the level that it needs, before one of which nothing is known."""
    levels = zip(GATED.questions, (3, 3, 3, 3, 3, None, 0, 3, 3), strict=True)
    given = {
        one.id: answer(level, proof_age=5)
        for (_, one), level in levels
        if level is not None
    }
    result = score(GATED, assessment({"ann": sheet("owner", given)}))

    assert result.because == (
        "All gates pass. Weakest dimension: data quality, missing; needed: partly in place."
    )


ORIGIN = NO_DATA_MODEL.model_copy(
    update={
        "tables": (
            Table(
                name="flights",
                location="flights.csv",
                declared="sha256:0",
                columns=(
                    Column(
                        name="origin",
                        categories=(
                            Category(value="SWF", label="Stewart, promised for summer"),
                            Category(value="JFK", label="JFK"),
                        ),
                    ),
                ),
            ),
        )
    }
)


def counted(**rows):
    """A finding about categories of which some have no row."""
    return finding(
        "categories-populated", "contradicts", subject="flights.origin"
    ).model_copy(
        update={
            "message": f"{len(rows)} declared categories have too few rows (9 looked at).",
            "series": (Series.of("category", "rows", rows.items()),),
        }
    )


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("The machine has no swap and 8 GiB are needed, so a job is killed.",
         "The t has no swap and 8 GiB are needed"),
        ("50 of 334 rows of t.x (15.0 %) find no row in u; the first is of 2013-01-01.",
         "50 of 334 rows of t.x find no row in u"),
        ("t holds 365 days, 2013-01-01 to 2013-12-31; needed: 2 years (731 days).",
         "t holds 365 days, 1 January 2013 to 31 December 2013; needed: 2 years"),
        ("nobody is accountable (the sponsor included).",
         "nobody is accountable (the sponsor included)"),
        ("word " * 60, f"{'word ' * 31}…"),
    ],
)  # fmt: skip
def test_finding_is_told_as_short_as_a_headline(message, told):
    """What follows from it, and counts in brackets, are for the chapters."""
    found = finding("source-opened", "contradicts", subject="t")

    assert plain_finding(found.model_copy(update={"message": message}), ORIGIN) == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"SWF": 0, "JFK": 9}, "No row of flights has Stewart (SWF) as its origin"),
        ({"SWF": 9, "JFK": 0}, "No row of flights has JFK as its origin"),
        ({"SWF": 9, "LGA": 0}, "No row of flights has LGA as its origin"),
        ({"SWF": 0, "JFK": 0}, "2 declared categories have too few rows"),
    ],
)
def test_category_without_a_row_is_called_by_its_label(rows, told):
    """Where one is empty; where several are, the finding counts them."""
    assert plain_finding(counted(**rows), ORIGIN) == told


@pytest.mark.parametrize(
    ("proves", "claimed", "proof", "told"),
    [
        (1, 3, 5, "It is closed"),
        (1, 0, 5, "It is closed"),
        (2, 0, 5, "AVL-01 stands at 0"),
        (2, 1, None, "Owner says: AVL-01 stands at 1"),
    ],
)
def test_cause_is_a_finding_that_is_too_little_for_the_gate(
    proves, claimed, proof, told
):
    """Else it is what people claim: the text of that level, said where it is not shown."""
    gated = question("AVL-01", gate=("pilot", 2), checks=[("source-opened", 3, proves)])
    closed = finding("source-opened", "contradicts", subject="t").model_copy(
        update={"message": "It is closed."}
    )
    given = {"ann": sheet("owner", {"AVL-01": answer(claimed, proof_age=proof)})}
    result = score(bank(gated), assessment(given, findings=[closed]))

    assert cause_of(result.standing("AVL-01"), NO_DATA_MODEL, "Owner") == told


def test_column_is_told_as_one_of_its_table_and_nothing_else_is():
    """A file, a number and what the data model does not have stay as they are."""
    assert columns_told("Fill flights.origin by 9.32: data.csv, t.x.", ORIGIN) == (
        "Fill origin of flights by 9.32: data.csv, t.x."
    )
