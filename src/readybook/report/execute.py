"""Run the notebooks of one assessment with papermill and join them into one.

Kept notebooks are stripped of parameters' paths, timings and widget state, so that
they leak nothing and the same inputs give the same bytes.
"""

import re
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from readybook.model.errors import NotebookError
from readybook.text.documents import packaged

SUMMARY = "6-summary"
CHAPTERS = (
    "1-scope",
    "2-data-availability",
    "3-data-quality",
    "4-provisioning",
    "5-ownership",
)
NOTEBOOKS = (*CHAPTERS, SUMMARY)  #: in the order in which they run
_HEADING = re.compile(r"^(#{1,5}) ", flags=re.MULTILINE)


def execute_notebook(
    name: str, *, into: Path, cwd: Path, parameters: Mapping[str, str]
) -> NotebookNode:
    """Return one executed notebook, stripped; it is written into a folder too.

    Args:
        name: one of `CHAPTERS` or `SUMMARY`.
        into: folder for the executed notebook, also where a cell of it failed.
        cwd: working folder of the kernel; parameters are relative to it.
        parameters: values for the notebook's parameters cell.

    Raises:
        NotebookError: a cell failed, or the notebook has no such parameter.
    """
    source = packaged("notebooks") / f"{name}.ipynb"
    target = into / f"{name}.ipynb"
    known = papermill.inspect_notebook(str(source))
    if unknown := sorted(set(parameters) - set(known)):  # papermill would only warn
        message = (
            f"{name}.ipynb: parameters: found {', '.join(unknown)}, "
            f"expected {', '.join(sorted(known))}, do: correct the name"
        )
        raise NotebookError(message)
    # TCP on the loopback can be read by others on the machine; local sockets cannot.
    transport = "tcp" if sys.platform == "win32" else "ipc"
    try:
        # A profile of the user's own could change what the cells show.
        with TemporaryDirectory() as profile, warnings.catch_warnings():
            # The kernel's own sockets and loops; not ours to mend.
            warnings.simplefilter("ignore")
            papermill.execute_notebook(
                str(source),
                str(target),
                parameters=dict(parameters),
                progress_bar=False,
                cwd=str(cwd),
                request_save_on_cell_execute=False,
                config=Config({"KernelManager": {"transport": transport}}),
                extra_arguments=[
                    f"--ipython-dir={profile}",
                    "--log-level=CRITICAL",
                    "--HistoryManager.enabled=False",
                ],
            )
    except PapermillExecutionError as error:
        source_lines = str(error.source).strip().splitlines()[:10]
        message = f"{name}.ipynb: cell {error.exec_count} failed: {error.ename}: "
        message += "\n".join([str(error.evalue), *(f"    {x}" for x in source_lines)])
        raise NotebookError(message) from error
    except (DeadKernelError, NoSuchKernel) as error:
        message = f"{source.name}: its kernel is gone or missing: {error}"
        raise NotebookError(message) from error
    finally:
        if target.exists():
            nbformat.write(strip(nbformat.read(target, as_version=4)), target)
    executed: NotebookNode = nbformat.read(target, as_version=4)
    return executed


def strip(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without what papermill and widgets store in it.

    The cell with the injected parameters goes as a whole: its values name folders of
    the machine that rendered.
    """
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # not which Python ran it
    notebook.cells = [
        cell for cell in notebook.cells if "injected-parameters" not in _tags(cell)
    ]
    for cell in notebook.cells:
        for key in ("papermill", "execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
    return notebook


def join_notebooks(executed: Mapping[str, NotebookNode]) -> NotebookNode:
    """Return one notebook: summary, chapters, then the summary's appendix.

    The page has the only first-level heading, so chapters move down by one; the
    summary's own title goes, since its first part is the page's headline.
    """
    summary = [
        cell
        for cell in executed[SUMMARY].cells
        if not (cell.cell_type == "markdown" and cell.source.startswith("# "))
    ]
    body = [c for c in summary if "appendix" not in _tags(c)]
    for name in CHAPTERS:
        for cell in executed[name].cells:
            if cell.cell_type == "markdown":
                cell.source = _HEADING.sub(r"#\1 ", cell.source)
            body.append(cell)
    body += [c for c in summary if "appendix" in _tags(c)]
    cells = [cell for cell in body if "notebook-only" not in _tags(cell)]
    joined: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    joined.metadata = executed[SUMMARY].metadata
    return joined


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags
