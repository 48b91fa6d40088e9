"""The engine `readybook` of papermill: cells run in this process, without a kernel.

A kernel costs a process, its imports and its messages. In a process that has all of
readybook imported an IPython shell runs the same cells, and gives the same outputs;
`papermill --engine readybook` runs them so too. A test compares both ways.
"""

import atexit
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import TextIOBase
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Instance, Type
from traitlets.config import Config

NAME = "readybook"
_Bundle = Mapping[str, Any]


class _Stream(TextIOBase):
    """What a cell prints, among its other outputs; what follows on itself is joined."""

    def __init__(self, name: str, outputs: list[NotebookNode]) -> None:
        self.name, self.outputs = name, outputs

    def write(self, text: str) -> int:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == self.name:
            last["text"] += text
        else:
            self.outputs.append(new_output("stream", name=self.name, text=text))
        return len(text)


class _Hook(DisplayHook):
    """Keeps what the last line of a cell is, as a kernel sends it."""

    def write_output_prompt(self) -> None:
        """Write nothing: the number is in the output."""

    def write_format_data(
        self, format_dict: _Bundle, md_dict: _Bundle | None = None
    ) -> None:
        """Keep all forms of the value."""
        made = new_output("execute_result", data=format_dict, metadata=md_dict or {})
        made.execution_count = self.prompt_count
        self.shell.outputs.append(made)  # type: ignore[union-attr] # has one

    def finish_displayhook(self) -> None:
        """Write nothing more."""
        self._is_active = False

    def flush(self) -> None:
        """Forget nothing: the shell goes with its notebook, and all that it holds."""


class _Publisher(DisplayPublisher):
    """Keeps what a cell displays."""

    def publish(  # type: ignore[override] # of what a kernel takes nothing else counts
        self, data: _Bundle, metadata: _Bundle | None = None, **_: object
    ) -> None:
        """Keep all forms of the value."""
        made = new_output("display_data", data=data, metadata=metadata or {})
        self.shell.outputs.append(made)


class _Shell(InteractiveShell):
    """A shell whose outputs go into the cell that runs."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs = Instance(list, args=())
    #: Libraries ask for it to tell a notebook from a terminal, which is narrower.
    kernel = None

    def _showtraceback(
        self, etype: type[BaseException], evalue: BaseException, stb: list[str]
    ) -> None:
        error = new_output("error", ename=etype.__name__, evalue=str(evalue))
        error.traceback = stb
        self.outputs.append(error)

    def run(self, cell: NotebookNode) -> None:
        """Run a cell; its outputs and its number are kept in it.

        Raises:
            CellExecutionError: the cell failed; the error is among its outputs.
        """
        self.outputs = cell.outputs = []
        with (
            redirect_stdout(_Stream("stdout", cell.outputs)),
            redirect_stderr(_Stream("stderr", cell.outputs)),
        ):
            ran = self.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        cell.execution_count = ran.execution_count
        if not ran.success:
            *_, told = cell.outputs
            traceback = "\n".join(told.traceback)
            raise CellExecutionError(traceback, told.ename, told.evalue)


def _run_all(nb_man: Any) -> None:  # noqa: ANN401 - papermill has no types
    """Run all cells until one fails, and keep the outputs of each."""
    main = sys.modules["__main__"]
    with tempfile.TemporaryDirectory(prefix="readybook-") as private:
        profile = {"HistoryManager": {"enabled": False}}
        _Shell.clear_instance()
        shell = _Shell.instance(config=Config(profile), ipython_dir=private)
        try:
            for at, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, at)
                try:
                    if cell.cell_type == "code":
                        shell.run(cell)
                except CellExecutionError as error:
                    nb_man.cell_exception(cell, cell_index=at, exception=error)
                    break
                finally:
                    nb_man.cell_complete(cell, cell_index=at)
        finally:
            shell.atexit_operations()  # type: ignore[no-untyped-call]
            atexit.unregister(shell.atexit_operations)
            _Shell.clear_instance()
            sys.modules["__main__"] = main
    nb_man.nb.metadata["language_info"] = {"name": "python"}


@cache
def _engine() -> type:
    from papermill.engines import Engine  # noqa: PLC0415 - see __getattr__

    class ShellEngine(Engine):  # type: ignore[misc] # papermill has no types
        """Runs a notebook's cells in a shell of its own in this process."""

        @classmethod
        def execute_managed_notebook(cls, *managed: Any, **_: object) -> None:  # noqa: ANN401
            """Run the cells; there is no kernel to name."""
            _run_all(managed[0])

    return ShellEngine


def __getattr__(name: str) -> type:
    """Return the engine, which derives from papermill's.

    Papermill loads this module while it is imported itself, so that a class that
    derives from one of theirs cannot stand here: whoever imports this module first
    would find neither.
    """
    if name == "ShellEngine":
        return _engine()
    raise AttributeError(name)
