"""A result as pandas frames, for people who want to sort, filter and join it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from readybook.model.bank import LEVEL_WORDS
from readybook.model.findings import Finding
from readybook.model.results import Result

__all__ = ["findings_frame", "standings_frame"]


def standings_frame(result: Result) -> pd.DataFrame:
    """Return one row per question, indexed by its id, in bank order.

    Columns: section, title, weight, status, stands_from and stands_to (words of the
    levels, ordered categories), proof, gate (passed, failed, undecided or missing).
    """
    frame = pd.DataFrame(
        [
            {
                "question": s.question.id,
                "section": s.section,
                "title": s.question.title,
                "weight": s.question.weight,
                "status": s.status,
                "stands_from": LEVEL_WORDS[s.bounds.lower],
                "stands_to": LEVEL_WORDS[s.bounds.upper],
                "proof": s.proof,
                "gate": s.gate_state,
            }
            for s in result.standings
        ]
    ).set_index("question")
    levels = pd.CategoricalDtype(list(LEVEL_WORDS), ordered=True)
    return frame.astype({"stands_from": levels, "stands_to": levels})


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row per finding, indexed by check and subject.

    Columns: outcome, message, value and threshold (numbers or text, in `unit`), unit,
    measured_on (date).
    """
    columns = ["outcome", "message", "value", "threshold", "unit", "measured_on"]
    return pd.DataFrame(
        [[getattr(f, name) for name in columns] for f in findings],
        columns=columns,
        index=pd.MultiIndex.from_tuples(
            [(f.check, f.subject) for f in findings], names=["check", "subject"]
        ),
    )
