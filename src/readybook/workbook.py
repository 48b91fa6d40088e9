"""What a notebook cell calls: opens a folder, scores it, shows one piece of it.

Glue only: every table and chart is made elsewhere, from the same models.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from readybook import __version__
from readybook.bank.history import bank_changes, load_history, recorded_under
from readybook.bank.own import bank_source, find_bank
from readybook.case.later import last_touched
from readybook.case.milestones import load_milestones
from readybook.case.open import (
    name_of,
    open_assessment,
    open_each,
    open_register,
    opening_key,
)
from readybook.checks.findings import collect_findings
from readybook.forms.live import is_live
from readybook.model.bank import LEVEL_WORDS, Section
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, ReadybookError, nearest
from readybook.model.findings import Finding
from readybook.model.portfolio import Failed, Portfolio
from readybook.report.page import notebook_style
from readybook.report.rows import first_place, read_portfolio
from readybook.score.lint import sound_bank
from readybook.score.score import score, score_beside
from readybook.show import (
    action_list,
    evidence,
    fields,
    ownership,
    plan,
    questions,
    since,
    workshop,
)
from readybook.show.decided import with_replies
from readybook.show.drift import drift_chart
from readybook.show.front import band, dimensions, doubts, stops
from readybook.show.history import changes_table, history_chart
from readybook.show.kit.case import Case, held, hold
from readybook.show.kit.fragment import Edition, Fragment, draw
from readybook.show.machines import machines, probes
from readybook.show.machines.permissions import permission_chart
from readybook.show.machines.route import route_chart
from readybook.show.portfolio import views
from readybook.show.portfolio.row import row_of

if TYPE_CHECKING:
    import pandas as pd

    from readybook.edit.tables import TableName
    from readybook.forms.cell import Form

#: What `Workbook.show` can show; editors complete it.
PieceName = Literal[
    "style", "verdict", "dimensions", "obstacles", "contradictions", "unknowns",
    "since", "milestones", "moves",
    "next-actions", "dates", "dependencies", "load", "figures",
    "needs", "questions", "findings", "sources", "value", "changes", "actions",
    "method",
    "categories", "history", "joins", "nulls", "drift", "lineage",
    "machines", "resources", "permissions", "accounts", "accesses", "probes",
    "environments", "route",
    "roles", "assets", "sign-offs", "register", "open-people", "agreement", "belief",
    "run-sheet", "invitations", "who-sees-what", "answered", "splits", "ask-next",
]  # fmt: skip


def _style(_case: Case | None = None) -> Fragment:
    """Return the report's style for the cells below; the report has its own."""
    return Fragment(f"<style>{notebook_style()}</style>", "style of the report")


#: A piece takes the case and, some of them, names of what of it to show.
PIECES: Mapping[str, Callable[..., Fragment]] = {
    "style": _style,
    # what leadership reads
    "verdict": band.verdict_band,
    "dimensions": dimensions.dimensions_table,
    "obstacles": stops.obstacles,
    "contradictions": doubts.contradictions,
    "unknowns": doubts.unknowns,
    "since": since.changes_since,
    "milestones": since.milestones_table,
    "moves": since.moves_table,
    "next-actions": plan.next_actions,
    "dates": plan.when_and_what_it_costs,
    "dependencies": plan.dependency_chart,
    "load": plan.load_chart,
    "figures": plan.figures_tables,
    # chapters: what is asked, was declared and was measured
    "needs": evidence.need_matrix,
    "questions": questions.questions_of,
    "findings": evidence.findings_table,
    "sources": evidence.evidence_table,
    "value": plan.value_table,
    "changes": changes_table,
    "actions": action_list.actions_table,
    "method": evidence.method_and_provenance,
    # data
    "categories": fields.category_chart,
    "history": history_chart,
    "joins": evidence.join_table,
    "nulls": fields.nulls_map,
    "drift": drift_chart,
    "lineage": fields.lineage_table,
    # machines
    "machines": machines.resources_chart,
    "resources": machines.resources_table,
    "permissions": permission_chart,
    "accounts": machines.accounts_table,
    "accesses": machines.accesses_table,
    "probes": probes.facts_tables,
    "environments": probes.comparison,
    "route": route_chart,
    # people
    "roles": ownership.roles_table,
    "assets": ownership.ownership_matrix,
    "sign-offs": ownership.agreements,
    "register": evidence.register_findings,
    "open-people": ownership.open_people,
    "agreement": workshop.agreement_table,
    "belief": workshop.belief_chart,
    # a workshop
    "run-sheet": workshop.run_sheet,
    "invitations": workshop.invitation_list,
    "who-sees-what": workshop.who_sees_what,
    "answered": workshop.answered_table,
    "splits": workshop.splits_list,
    "ask-next": workshop.ask_next,
}  # fmt: skip


#: What steers those who have not answered yet: folded before whoever sits there, until
#: the room has agreed on a first question. A chart of measured data is left as it is.
_STEERS = {"questions", "findings", "needs", "register", "belief", "agreement"}


@dataclass(frozen=True)
class Workbook(Case):
    """One opened and scored assessment, and what a notebook does with it."""

    def show(self, piece: PieceName, *of: str) -> Fragment:
        """Return one piece of the page.

        Args:
            piece: its name, a key of `PIECES`.
            of: what of it: checks for "findings", a section for "questions", the
                minutes that are left for "ask-next".

        Raises:
            ReadybookError: there is no such piece, or it is shown of something else.
        """
        made = PIECES.get(piece)
        if made is None:
            message = f'show: found "{piece}", expected a piece of the page, do: '
            raise ReadybookError(message + nearest(piece, list(PIECES)))
        try:
            inspect.signature(made).bind(self, *of)
        except TypeError as error:
            message = f'show: found {len(of)} names after "{piece}", {error}'
            raise ReadybookError(message) from None
        shown = with_replies(made(self, *of), piece, self)
        if piece in _STEERS and is_live() and not self.assessment.agreed.settled:
            return Fragment(draw("blind.html.j2", shown=shown.html), shown.text)
        return shown

    def form(self, section: Section | Literal[""] = "") -> Form:
        """Return the form of a section's questions; of all of them where it is ""."""
        # Nothing that a report shows needs the forms, or what saves their answers.
        from readybook.forms.cell import form_cell  # noqa: PLC0415

        return form_cell(self, section)

    def room(self) -> Form:
        """Return the form for one projector: votes, reveal, what was agreed."""
        from readybook.forms.cell import room_cell  # noqa: PLC0415 - as above

        return room_cell(self.folder, self.bank, self.assessment, self.register)

    def edit(self, table: TableName) -> Form:
        """Return a table of the assessment to edit in place, such as "needs"."""
        from readybook.forms.cell import table_cell  # noqa: PLC0415 - as above

        return table_cell(self.folder, self.bank, self.assessment, table, self.register)

    def buttons(self) -> Form:
        """Return the buttons: measure, probe this machine, render the report."""
        from readybook.forms.cell import buttons_cell  # noqa: PLC0415 - as above

        return buttons_cell(self.folder, self.assessment, self.register)

    def frame(self) -> pd.DataFrame:
        """Return one row per question, indexed by its id, in bank order.

        Columns: section, title, weight, status, stands_from and stands_to (words of the
        levels, ordered categories), proof, gate (passed, failed, undecided or missing).
        """
        # pandas takes a third of a second to import, and no other piece needs it.
        import pandas as pd  # noqa: PLC0415

        frame = pd.DataFrame(
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
            for s in self.result.standings
        ).set_index("question")
        levels = pd.CategoricalDtype(list(LEVEL_WORDS), ordered=True)
        return frame.astype({"stands_from": levels, "stands_to": levels})

    def again(self) -> Workbook:
        """Return the workbook of the same folder as it is now."""
        return open_workbook(
            str(self.folder),
            as_of=self.assessment.as_of.isoformat(),
            edition=self.edition,
            respondent=self.respondent,
            register=str(self.register or ""),
        )


def open_workbook(
    assessment: str,
    *,
    as_of: str = "",
    edition: Edition = "leadership",
    respondent: str = "",
    register: str = "",
) -> Workbook:
    """Return the workbook of an assessment's folder.

    A folder that did not change since this process opened it is not read again.

    Args:
        assessment: path of the folder.
        as_of: YYYY-MM-DD, the date that age is judged at; "" for the assessment's own.
        edition: who reads it: "leadership" or "team".
        respondent: who answers the forms: name of a file in answers/, without .yaml;
            "" lets the browser choose.
        register: path of a register that cases share; "": none.

    Raises:
        InvalidInputError: with every problem of the folder, or of the register.
        ReadybookError: there is no such edition, or the date is none.
    """
    folder = Path(assessment)
    if edition not in (known := get_args(Edition)):
        message = (
            f'edition: found "{edition}", expected one of: {", ".join(known)}, do: '
        )
        raise ReadybookError(message + nearest(edition, known))
    shared = Path(register) if register else None
    key = opening_key(folder, as_of, shared)
    book = held(key) if key else None
    if not isinstance(book, Workbook):
        book = _open(folder, as_of, edition, respondent, shared)
        hold(key, book)
    asked = (folder, edition, respondent, shared)
    if (book.folder, book.edition, book.respondent, book.register) == asked:
        return book
    return book.read_by(edition, folder=folder, respondent=respondent, register=shared)


def _sql(assessment: Assessment) -> Callable[[Finding], str]:
    """Return what makes the SQL of a finding; nothing is made before it is asked."""

    @cache
    def makes() -> Callable[[Finding], str]:
        # It loads Ibis, and only the team's edition shows SQL.
        from readybook.measure.diagnostic import count_beside  # noqa: PLC0415

        return count_beside(assessment)

    def sql(finding: Finding) -> str:
        return makes()(finding)

    return sql


def _open(
    folder: Path, as_of: str, edition: Edition, respondent: str, register: Path | None
) -> Workbook:
    bank, ours = sound_bank(bank_source(folder)), find_bank().bank
    try:
        date = dt.date.fromisoformat(as_of) if as_of else None
    except ValueError:
        message = f'as_of: found "{as_of}", expected a date, do: write it as YYYY-MM-DD'
        raise ReadybookError(message) from None
    try:
        shared = open_register(register, register.name if register else "")
        opened = open_assessment(folder, bank=bank, as_of=date, register=shared)
    except InvalidInputError as error:
        raise error if folder.is_dir() else error.below(folder.parent) from None
    return Workbook(
        assessment=opened,
        bank=bank,
        result=score(bank, opened),
        by_ours=score_beside(ours, opened) if bank != ours else None,
        sql=_sql(opened),
        evidence=collect_findings(opened, bank),
        changes_of_bank=bank_changes(recorded_under(opened), bank, load_history()),
        milestones=load_milestones(folder),
        folder=folder,
        edition=edition,
        respondent=respondent,
        register=register,
    )


# --- many cases ----------------------------------------------------------------------


@dataclass(frozen=True)
class PortfolioBook:
    """Many cases, and what a notebook shows of them."""

    portfolio: Portfolio

    def show(self, piece: str) -> Fragment:
        """Return one piece of the page, by a key of `show.portfolio.views.PIECES`.

        Raises:
            ReadybookError: there is no such piece.
        """
        if piece == "style":
            return _style()
        if (made := views.PIECES.get(piece)) is None:
            message = f'show: found "{piece}", expected a piece of the page, do: '
            raise ReadybookError(message + nearest(piece, list(views.PIECES)))
        return made(self.portfolio)


def open_portfolio(reports: str, *, register: str = "") -> PortfolioBook:
    """Return what `readybook report` kept of many cases, or cases as they are now.

    Args:
        reports: folder with portfolio.json, or folder whose folders are assessments.
        register: path of a register that these share; "": none.

    Raises:
        InvalidInputError: portfolio.json is damaged, or the register is not valid.
    """
    folder = Path(reports)
    if known := read_portfolio(folder):
        return PortfolioBook(known)
    cases = sorted(path.parent for path in folder.glob("*/assessment.yaml"))
    path = Path(register) if register else None
    shared = open_register(path, path.name if path else "")
    rows, failed = [], []
    for case in cases:
        good, bad = open_each([case], judge=sound_bank, register=shared)
        failed += [
            Failed(name=name_of(case), why=first_place(error.problems, case))
            for error in bad
        ]
        for _, opened, bank in good:
            one = Case.of(opened, bank, load_milestones(case))
            rows.append(row_of(one, touched=last_touched(opened)))
    return PortfolioBook(
        Portfolio(
            format=1, readybook=__version__, cases=tuple(rows), failed=tuple(failed)
        )
    )
