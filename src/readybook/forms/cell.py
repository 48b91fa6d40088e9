"""What a cell shows: a live form where somebody sits, a sentence where nobody does."""

from __future__ import annotations

import contextlib
import inspect
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from readybook.edit.tables import TABLES, TableName
from readybook.forms.contract import table_session
from readybook.forms.form import FormSession
from readybook.forms.jobs import Jobs, jobs_for
from readybook.forms.live import is_live
from readybook.forms.room import RoomSession
from readybook.forms.session import Message
from readybook.model.bank import SECTION_TITLES, Bank, Section
from readybook.model.case import Assessment
from readybook.model.words import count
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, code, nothing, table
from readybook.show.kit.theme import scheme, shape_rules

if TYPE_CHECKING:
    from anywidget import AnyWidget

_STATIC = Path(__file__).parent / "static"
#: In the order in which they need each other; each is a plain ES module.
MODULES = ("dom", "link", "entry", "answer", "fields", "reveal", "card", "people",
           "scope", "head", "desk", "form", "room", "cells", "tablerow", "tables",
           "buttons", "main")  # fmt: skip
_SHEETS = ("form.css", "tables.css")
_IMPORT = re.compile(r"^import .*? from \"\./[a-z]+\.js\";\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(
    r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.MULTILINE
)
_ROUTE = "_reply_subshell_for"  #: of ipykernel's comm: on which shell a message is read
_REST_S = 0.4  #: how long nothing is saved before the verdict is computed again
_AGAIN = "A form to answer in. Run this cell again to open it."
_BUTTONS = "Buttons. Run this cell again to use them."


@dataclass
class Form:
    """A form to display: IPython asks it for its outputs, once per display."""

    handle: Callable[[Mapping[str, object]], Iterable[Message]]  #: of its session
    kind: str  #: "form", "room", "table" or "buttons": the face that the script shows
    alone: Fragment  #: what stands where nobody can answer
    #: Returns what follows from all that is saved, for whoever answers.
    standing: Callable[[str], Iterable[Message]] = lambda _: ()
    again: str = _AGAIN  #: what a notebook says that is opened anew
    _widget: AnyWidget | None = field(default=None, init=False, repr=False)
    _timers: dict[str, threading.Timer] = field(default_factory=dict, init=False)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        """Return the outputs that a notebook keeps; none of them holds an answer."""
        if not is_live():
            return self.alone._repr_mimebundle_(include, exclude)
        if self._widget is None:
            self._widget = _new_widget(self.kind, self._receive)
        bundle = self._widget._repr_mimebundle_()
        shown = dict(bundle[0]) if bundle else {}
        html = Markup('<div class="readybook"><p>{}</p></div>').format(self.again)
        return {**shown, "text/plain": self.again, "text/html": str(html)}

    def tell(self, message: Mapping[str, object]) -> None:
        """Send a message to every page that shows this form."""
        if self._widget is not None:
            self._widget.send(dict(message))

    def _receive(self, _: object, message: object, __: object) -> None:
        """Answer a message of the browser; the verdict follows when saving rests."""
        if not isinstance(message, Mapping):
            return
        try:
            replies = [*self.handle(message)]
        except Exception as error:  # of ours: who typed is told, and the log has it
            says = (
                f"readybook: found an error that nobody expected ({type(error).__name__}), "
                "do: report what you did; what you typed is kept in this browser"
            )
            self.tell({**message, "kind": "refused", "cells": {}, "problems": [says]})
            raise
        for reply in replies:
            self.tell(reply)
            if reply["kind"] in {"cards", "saved"}:
                who = str(reply["who"])
                if who in self._timers:
                    self._timers[who].cancel()
                self._timers[who] = timer = threading.Timer(
                    _REST_S, self._think, (who,)
                )
                timer.daemon = True
                timer.start()

    def _think(self, who: str) -> None:
        for message in self.standing(who):
            self.tell(message)


def form_cell(case: Case, section: Section | Literal[""]) -> Form:
    """Return the form of a section, or of the whole bank where it is ""."""
    session = FormSession(case.folder, case.bank, case.assessment, section=section,
                          respondent=case.respondent)  # fmt: skip
    session.register = case.register
    standings = case.result.standings
    asked = [s for s in standings if s.applies and section in {"", s.section}]
    answered = sum(s.is_answered for s in asked)
    title = SECTION_TITLES[section] if section else "All sections"
    text = (
        f"{title}: {answered} of {count(len(asked), 'question')} answered by the role "
        "that each one asks. In JupyterLab this cell is a form to answer in."
    )
    return Form(session.handle, "form", nothing(text), session.standing)


def room_cell(
    folder: Path, bank: Bank, assessment: Assessment, register: Path | None = None
) -> Form:
    """Return the room's form: one question at a time, on one projector."""
    session = RoomSession(folder, bank, assessment)
    session.register = register
    settled = assessment.agreed.settled
    text = (
        f"The room has agreed on {count(len(settled), 'question')}. In JupyterLab this "
        "cell leads it through the next ones."
    )
    return Form(session.handle, "room", nothing(text), session.standing)


def table_cell(
    folder: Path,
    bank: Bank,
    assessment: Assessment,
    name: TableName,
    register: Path | None = None,
) -> Form:
    """Return a table of the assessment to edit in place.

    Raises:
        ValueError: no table has this name.
    """
    if name not in TABLES:
        known = ", ".join(TABLES)
        message = f"edit: found '{name}', expected a table, do: use one of: {known}"
        raise ValueError(message)
    session = table_session(folder, bank, assessment, name)
    session.register = register
    text = f"{TABLES[name].title}: in JupyterLab this cell is a table to edit in place."
    return Form(session.handle, "table", nothing(text), session.standing)


def buttons_cell(
    folder: Path, assessment: Assessment, register: Path | None = None
) -> Form:
    """Return the buttons of an assessment; where nobody can press them, the commands."""
    offered = jobs_for(assessment, str(register.resolve()) if register else "")
    jobs = Jobs(folder, offered, lambda message: form.tell(message))  # noqa: PLW0108 - it is made below
    rows = [  # no folder of this machine is told
        [job.label, job.about, code(jobs.shown(job))]
        for job in jobs_for(assessment, register.name if register else "")
    ]
    columns = (Column("To", "head"), Column("What it does", "wide"),
               Column("Command", "wide"))  # fmt: skip
    alone = table("Commands beside the assessment's folder", columns, rows)
    form = Form(jobs.handle, "buttons", alone, again=_BUTTONS)
    return form


def _new_widget(
    kind: str, receive: Callable[[object, object, object], None]
) -> AnyWidget:
    # It takes a fifth of a second to import, and a report has no use for it.
    from anywidget import AnyWidget  # noqa: PLC0415
    from traitlets import Unicode  # noqa: PLC0415

    class FormWidget(AnyWidget):
        """Carries messages; its traits are script, style and which face to show."""

        _esm = script()
        _css = style()
        kind = Unicode().tag(sync=True)

    widget = FormWidget(kind=kind)
    widget.on_msg(receive)
    answer_beside_cells(widget.comm)
    return widget


def answer_beside_cells(comm: object) -> bool:
    """Let messages of the browser take the way that it chose, beside a busy cell.

    JupyterLab sends them over a subshell. ipykernel 7.4 leads them back to where the
    comm last spoke from (`Comm._reply_subshell_for`): the cell's own shell, where a
    save would wait until the last cell is done, and be lost with a restart.

    That is no public part of ipykernel. A version without it, or with another one, is
    left as it is: what is typed then may wait in the browser until a cell is done.

    Returns:
        whether ipykernel was told.
    """
    route = getattr(comm, _ROUTE, None)
    # It may take other arguments than these two, and may not be replaceable.
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        inspect.signature(route).bind(None, None)  # type: ignore[arg-type]
        setattr(comm, _ROUTE, lambda _, chosen: chosen)
        return True
    return False


@cache
def script() -> str:
    """Return the modules joined: a widget's script comes as one text, without a folder.

    Nothing is compiled. Imports between them go, and so does `export`, except from the
    last one, whose default export is what the widget runs.
    """
    texts = [(_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


@cache
def style() -> str:
    """Return the style sheet, with the colours of the report in light and dark."""
    css = "\n".join((_STATIC / f).read_text(encoding="utf-8") for f in _SHEETS)
    shapes = "\n".join(f".rb-form {rule}" for rule in shape_rules().splitlines())
    return (
        f".rb-form{{{scheme('light')}}}\n"
        '[data-jp-theme-light="false"] .rb-form,.vscode-dark .rb-form'
        f"{{{scheme('dark')}}}\n{shapes}\n{css}"
    )
