"""What a cell shows: a live form where somebody sits, a sentence where nobody does."""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

from readybook.forms.live import is_live
from readybook.show.kit.fragment import Fragment

if TYPE_CHECKING:
    from anywidget import AnyWidget

__all__ = ["Form", "Session", "answer_beside_cells"]

_ROUTE = "_reply_subshell_for"  #: of ipykernel's comm: on which shell a message is read
_REST_S = 0.4  #: how long nothing is saved before the verdict is computed again


class Session(Protocol):
    """What a form says and is told; `session` and `room` have one each."""

    def handle(self, message: Mapping[str, object]) -> list[dict[str, object]]:
        """Return the replies to one message."""
        ...

    def standing(self, who: str) -> list[dict[str, object]]:
        """Return what follows from all that is saved."""
        ...


@dataclass
class Form:
    """A form to display: IPython asks it for its outputs, once per display."""

    session: Session
    kind: str  #: "form", "room" or "table": which of the script's faces is shown
    alone: Fragment  #: what stands where nobody can answer
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
        html = Markup('<div class="readybook"><p>{}</p></div>').format(_RUN_AGAIN)
        return {**shown, "text/plain": _RUN_AGAIN, "text/html": str(html)}

    def _receive(self, _: object, message: object, __: object) -> None:
        """Answer a message of the browser; the verdict follows when saving rests."""
        if not isinstance(message, Mapping):
            return
        for reply in self.session.handle(message):
            self._tell(reply)
            if reply["kind"] in {"cards", "saved"}:
                self._think_later(str(reply["who"]))

    def _think_later(self, who: str) -> None:
        timer = self._timers.pop(who, None)
        if timer is not None:
            timer.cancel()
        timer = threading.Timer(_REST_S, self._think, (who,))
        timer.daemon = True
        self._timers[who] = timer
        timer.start()

    def _think(self, who: str) -> None:
        for message in self.session.standing(who):
            self._tell(message)

    def _tell(self, message: Mapping[str, object]) -> None:
        if self._widget is not None:
            self._widget.send(dict(message))


_RUN_AGAIN = "A form to answer in. Run this cell again to open it."


def _new_widget(
    kind: str, receive: Callable[[object, object, object], None]
) -> AnyWidget:
    # It takes a fifth of a second to import, and a report has no use for it.
    from anywidget import AnyWidget  # noqa: PLC0415
    from traitlets import Unicode  # noqa: PLC0415

    from readybook.forms.assets import script, style  # noqa: PLC0415

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
    if not callable(route):
        return False
    try:
        inspect.signature(route).bind(None, None)
    except (TypeError, ValueError):
        return False
    with contextlib.suppress(AttributeError, TypeError):  # it may not be replaceable
        setattr(comm, _ROUTE, lambda _, chosen: chosen)
        return True
    return False
