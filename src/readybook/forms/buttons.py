"""The buttons of a notebook's cell; where nobody can press them, their commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from readybook.forms.assets import style
from readybook.forms.jobs import Jobs, jobs_for
from readybook.forms.live import is_live
from readybook.model.case import Assessment
from readybook.show.kit.fragment import Column, Fragment, code, table

if TYPE_CHECKING:
    from anywidget import AnyWidget

__all__ = ["Buttons", "buttons_cell"]

_RUN_AGAIN = "Buttons. Run this cell again to use them."


@dataclass
class Buttons:
    """Buttons to display: IPython asks them for their outputs, once per display."""

    folder: Path
    assessment: Assessment
    jobs: Jobs = field(init=False)
    _widget: AnyWidget | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Make what runs the jobs; nothing runs yet."""
        self.jobs = Jobs(self.folder, jobs_for(self.assessment), self._tell)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        """Return the outputs that a notebook keeps; IPython calls it."""
        if not is_live():
            return self.alone()._repr_mimebundle_(include, exclude)
        if self._widget is None:
            self._widget = _new_widget()
            self._widget.on_msg(self._receive)
        bundle = self._widget._repr_mimebundle_()
        shown = dict(bundle[0]) if bundle else {}
        html = Markup('<div class="readybook"><p>{}</p></div>').format(_RUN_AGAIN)
        return {**shown, "text/plain": _RUN_AGAIN, "text/html": str(html)}

    def alone(self) -> Fragment:
        """Return the commands, for where nobody can press a button."""
        rows = [
            [job.label, job.about, code(self.jobs.shown(job))]
            for job in jobs_for(self.assessment)
        ]
        columns = (Column("To", "head"), Column("What it does", "wide"),
                   Column("Command", "wide"))  # fmt: skip
        return table("Commands beside the assessment's folder", columns, rows, empty="")

    def _receive(self, _: object, message: object, __: object) -> None:
        if isinstance(message, Mapping):
            for reply in self.jobs.handle(message):
                self._tell(reply)

    def _tell(self, message: Mapping[str, object]) -> None:
        if self._widget is not None:
            self._widget.send(dict(message))


def buttons_cell(folder: Path, assessment: Assessment) -> Buttons:
    """Return the buttons of an assessment: measure, probe, render."""
    return Buttons(folder, assessment)


@cache
def _script() -> str:
    path = Path(__file__).parent / "static" / "buttons.js"
    return path.read_text(encoding="utf-8")


def _new_widget() -> AnyWidget:
    # It takes a fifth of a second to import, and a report has no use for it.
    from anywidget import AnyWidget  # noqa: PLC0415

    class ButtonsWidget(AnyWidget):
        """Carries messages; its traits are script and style."""

        _esm = _script()
        _css = style()

    return ButtonsWidget()
