"""What is taken out of a case is told."""

from readybook.model.case import Need, RoleHolder, SignOff, Stakeholders
from readybook.score.removed import removed_since
from samples import AS_OF, DATA_MODEL, answer, assessment, finding, sheet

REGISTER = Stakeholders(
    format=1,
    roles=(RoleHolder(role="owner", held_by=("ann",)),),
    sign_offs=(SignOff(role="other", covers="model", on=AS_OF),),
)
WHOLE = assessment(
    {"ann": sheet(answers={"AVL-01": answer(3)})},
    findings=[finding("source-opened", "contradicts")],
).model_copy(update={"stakeholders": REGISTER})


def test_nothing_is_gone_from_a_case_that_grew():
    """An answer, a need and a sheet more take nothing away."""
    need = Need(id="b", what="B", use="feature", ask="owner")
    scope = WHOLE.scope.model_copy(update={"needs": (*WHOLE.scope.needs, need)})
    grown = {
        "scope": scope,
        "sheets": WHOLE.sheets | {"bob": sheet("other", {"AVL-02": answer(1)})},
    }

    assert removed_since(WHOLE, WHOLE) == ()
    assert removed_since(WHOLE, WHOLE.model_copy(update=grown)) == ()


def test_evidence_register_needs_and_answers_that_are_gone_are_named():
    """Whatever could hide a failure."""
    bare = WHOLE.model_copy(
        update={
            "data": None,
            "stakeholders": Stakeholders(format=1),
            "scope": WHOLE.scope.model_copy(update={"needs": ()}),
            "sheets": {},
        }
    )

    assert removed_since(WHOLE, bare) == (
        "1 evidence file (data)",
        "1 measured subject (source-opened of t)",
        "1 need (a)",
        "2 entries of the register (role owner, sign-off of model by other)",
        "1 answer (AVL-01 by owner)",
    )


def test_promise_that_was_loosened_is_gone():
    """The old value is not promised any more."""
    (table,) = DATA_MODEL.tables
    column = table.columns[0].model_copy(update={"required": True})
    strict = DATA_MODEL.model_copy(
        update={
            "tables": (
                table.model_copy(update={"columns": (column, *table.columns[1:])}),
            )
        }
    )
    then = WHOLE.model_copy(update={"data_model": strict})

    (told,) = removed_since(then, WHOLE)
    assert told.startswith("1 promise of the data model")
