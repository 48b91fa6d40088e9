"""A case that has a contract and needs, and nothing else, to be measured."""

from __future__ import annotations

import datetime as dt

from readybook.contract.read import parse_contract
from readybook.model.case import Assessment, Need, Scope

TODAY = dt.date(2026, 11, 23)


def assessment_of(folder, *, contract=None, needs=()):
    """The case of a folder's contract, or of the text of one."""
    raw = contract or (folder / "data.odcs.yaml").read_text("utf-8")
    return Assessment(
        name="case",
        as_of=TODAY,
        scope=Scope(
            format=1,
            title="Case",
            team="Team",
            phase="pilot",
            as_of=TODAY,
            needs=tuple(
                Need(id=f"n{at}", what="w", use="feature", field=field, ask="owner")
                for at, field in enumerate(needs)
            ),
        ),
        data_model=parse_contract(raw, name="data.odcs.yaml", folder=folder).model,
        fingerprint="sha256:0",
    )
