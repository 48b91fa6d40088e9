"""One assessment to one self-contained HTML file, its notebooks and result.json.

Its notebooks are run with papermill and joined into one. Kept ones are stripped of
the machine's paths, timings and widget state, so that they leak nothing and the same
inputs give the same bytes. A kernel works in an empty folder and finds no module in
that of a case: what lies in or beside one is data.
"""

import copy
import json
import os
import re
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from subprocess import STDOUT
from typing import Any, get_args

import nbformat
import papermill
import psutil
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from pydantic.main import IncEx
from traitlets.config import Config

from readybook import __version__
from readybook.case.later import last_touched
from readybook.case.milestones import load_milestones
from readybook.case.open import Opened, opening_key
from readybook.model.errors import NotebookError
from readybook.model.results import VerdictWord
from readybook.report.engine import NAME as ENGINE
from readybook.report.page import (
    CHAPTERS,
    NOTEBOOKS,
    PORTFOLIO,
    ROW,
    SUMMARY,
    Heading,
    Made,
    Order,
    Tells,
    heading_of,
    page_name,
    page_resources,
    reader,
    readers,
    slim_html,
)
from readybook.report.pdf import print_pdf
from readybook.show.action_list import action_rows, csv_text
from readybook.show.front.band import mail_text
from readybook.show.kit import theme
from readybook.show.kit.case import Case, held
from readybook.show.kit.fragment import explained
from readybook.show.portfolio.row import plan_told, row_of
from readybook.text.documents import packaged, save_text
from readybook.text.visible import visible

_HEADING = re.compile(r"^(#{1,5}) ", flags=re.MULTILINE)
_PART, _SECTION = 2, 3  #: levels of the headings that begin what is folded
#: In what a cell shows: a question that is open because its gate fails.
_FAILED = re.compile(r'<details class="q"[^>]* open')
_GATE = re.compile(r">gate (passed|failed|undecided)<")
#: What says no more of a table than how long it is.
_ROWS = re.compile(r"^(?:[^:]*: )?[\d,]+ rows?$")
_FOLDER = {PORTFOLIO: "reports"}  #: the parameter that takes it, if not `assessment`
_NAMES: IncEx = {"__all__": {"respondent", "note"}}


def render_report(
    opened: Opened, order: Order, *, tick: Callable[[str], None] = lambda _: None
) -> Made:
    """Render an assessment that was opened, and return what was made.

    Nothing of an earlier report is touched before the new one is whole; where a cell
    fails, only the half-run notebooks are kept.

    Args:
        opened: what is rendered; the notebooks open its folder again.
        order: what is made of it.
        tick: called with the name of each notebook as it begins.

    Raises:
        NotebookError: a cell failed.
        ReadybookError: the browser printed nothing.
    """
    out = order.out
    _, assessment, bank = opened
    beside = out / assessment.name
    beside.mkdir(parents=True, exist_ok=True)
    run = partial(execute_notebook, folder=opened.folder, in_kernel=order.in_kernel)
    as_of = assessment.as_of.isoformat()
    given = {"as_of": as_of}
    if order.register:
        # Of a link nobody learns where it leads.
        given["register"] = os.path.abspath(order.register)  # noqa: PTH100
    ran = {
        one: _run_all(run, {**given, "edition": one}, beside, tick)
        for one in readers(order.editions)
    }
    made: dict[Path, str | bytes] = {}
    for edition in order.editions:
        name = page_name(assessment.name, edition)
        # Joining changes cells, and an excerpt shares them with the whole.
        executed = copy.deepcopy(ran[reader(edition)])
        joined = join_notebooks(executed, brief=edition == "brief")
        page = made[out / f"{name}.html"] = page_html(joined, heading_of(assessment))
        if order.browser:
            printed = print_pdf(page, assessment.as_of, browser=order.browser)
            made[out / f"{name}.pdf"] = printed
    # Where the notebooks ran in this process, what they drew need not be thought again.
    key = opening_key(opened.folder, as_of, order.register)
    if drawn := held(key) if key else None:
        case = drawn.read_by("leadership")
    else:
        case = Case.of(assessment, bank, load_milestones(opened.folder))
    row = row_of(case, touched=last_touched(assessment))
    texts = {
        beside / "result.json": result_json(case),
        beside / ROW: f"{visible(row.model_dump_json(exclude_defaults=True))}\n",
        # The mark tells spreadsheets that the file is UTF-8.
        beside / "actions.csv": f"\ufeff{csv_text(action_rows(case))}",
        beside / "mail.txt": visible(mail_text(case)),
    }
    for file, content in (*texts.items(), *made.items()):
        save_text(file, content)
    kept = [_kept(beside, one, notebook) for one in ran for notebook in NOTEBOOKS]
    pages = tuple(made)
    return Made(
        pages, case.result.headline, tuple(_tells(case)), (*pages, *texts, *kept)
    )


def _kept(beside: Path, reader: str, notebook: str) -> Path:
    """Return where an executed notebook is kept."""
    folder = "notebooks-team" if reader == "team" else "notebooks"
    return beside / folder / f"{notebook}.ipynb"


def _tells(case: Case) -> Iterator[Tells]:
    """Yield what is true of a verdict, for whoever looks at many."""
    verdict, known = case.result.verdict, case.comparison
    if verdict.is_open:
        yield "not-known"
    elif verdict.upper == "not ready":
        yield "not-ready"
    if known is None:
        return
    words = get_args(VerdictWord)  # from best to worst
    falls = any(
        words.index(getattr(known.now.verdict, end))
        > words.index(getattr(known.then.verdict, end))
        for end in ("lower", "upper")
    )
    if falls or any(now == "failed" for _, now in known.moved("gate").values()):
        yield "worse"


def _run_all(
    run: Callable[..., NotebookNode],
    parameters: Mapping[str, str],
    beside: Path,
    tick: Callable[[str], None],
) -> dict[str, NotebookNode]:
    """Return the executed notebooks, which are kept beside the page."""
    executed: dict[str, NotebookNode] = {}
    with tempfile.TemporaryDirectory(prefix="readybook-") as name:
        try:
            for notebook in NOTEBOOKS:
                tick(notebook)
                executed[notebook] = run(
                    notebook, into=Path(name), parameters=parameters
                )
        finally:  # all are kept, the one that failed included
            kept = [_kept(beside, parameters["edition"], one) for one in NOTEBOOKS]
            kept[0].parent.mkdir(exist_ok=True)
            for target in kept:
                if (made := Path(name) / target.name).exists():
                    save_text(target, made.read_text(encoding="utf-8"))
                else:
                    target.unlink(missing_ok=True)
    return executed


@cache  # to compile the template takes as long as to fill it
def _exporter() -> HTMLExporter:
    template = packaged("templates") / "report"
    return HTMLExporter(
        template_name=template.name,
        extra_template_basedirs=[str(template.parent)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


def page_html(notebook: NotebookNode, heading: Heading) -> str:
    """Return a notebook that was run as one page that needs nothing else."""
    with_chart = any(
        "application/vnd.plotly.v1+json" in output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    resources = {"readybook": page_resources(heading, with_charts=with_chart)}
    with warnings.catch_warnings():
        # nbconvert asks for alt texts of images in cells; ours are in the fragments.
        warnings.simplefilter("ignore")
        page, _ = _exporter().from_notebook_node(notebook, resources=resources)
    return visible(slim_html(page))


def result_json(case: Case) -> str:
    """Return the result for machines: deterministic JSON, no names, no notes."""
    result, assessment, bank = case.result, case.assessment, case.bank
    shared = assessment.shared
    told = result.model_dump(
        mode="json",
        exclude={"standings": {"__all__": {"question": True, "given": _NAMES}}},
    )
    for row, standing in zip(told["standings"], result.standings, strict=True):
        asked = standing.question
        row["question"] = {
            key: getattr(asked, key) for key in ("id", "title", "weight")
        }
    body = {
        "format": 1,
        "readybook": __version__,
        "assessment": assessment.name,
        "title": assessment.scope.title,
        "bank": {key: getattr(bank, key) for key in ("id", "version", "fingerprint")},
        "inputs": assessment.fingerprint,
        "shared": shared.model_dump(mode="json") if shared else None,
        "result": told,
        "plan": plan_told(case).model_dump(mode="json"),
    }
    return visible(json.dumps(body, indent=1, ensure_ascii=False)) + "\n"


# --- notebooks --------------------------------------------------------------------------


def execute_notebook(
    name: str,
    *,
    folder: Path,
    into: Path,
    parameters: Mapping[str, str],
    in_kernel: bool = True,
) -> NotebookNode:
    """Return one executed notebook, stripped; it is written into a folder too.

    Args:
        name: one of `CHAPTERS`, `SUMMARY` or `PORTFOLIO`.
        folder: the assessment's, or that of the reports; told without what it lies in.
        into: folder for the executed notebook, also where a cell of it failed.
        parameters: values for the other parameters of the notebook.
        in_kernel: whether it runs in a kernel of its own, or in this process.

    Raises:
        NotebookError: a cell failed, or the notebook has no such parameter.
    """
    source = packaged("notebooks") / f"{name}.ipynb"
    target = into / f"{name}.ipynb"
    known = papermill.inspect_notebook(_literal(source))
    if unknown := sorted(set(parameters) - set(known)):  # papermill would only warn
        message = (
            f"{name}.ipynb: parameters: found {', '.join(unknown)}, "
            f"expected {', '.join(sorted(known))}, do: correct the name"
        )
        raise NotebookError(message)
    home = folder.resolve()
    execute = partial(
        _execute if in_kernel else _execute_here,
        source, target, {_FOLDER.get(name, "assessment"): str(home), **parameters},
    )  # fmt: skip
    try:
        try:
            execute()
        except DeadKernelError:
            raise
        except RuntimeError:  # none answered in time: the machine may have been busy
            execute()
    except PapermillExecutionError as error:
        source_lines = str(error.source).strip().splitlines()[:10]
        message = f"{name}.ipynb: cell {error.exec_count} failed: {error.ename}: "
        told = _without_path(str(error.evalue), home)
        message += "\n".join([told, *(f"    {x}" for x in source_lines)])
        raise NotebookError(message) from error
    except (RuntimeError, NoSuchKernel) as error:
        message = f"{source.name}: its kernel is gone or did not start: {error}"
        raise NotebookError(message) from error
    finally:
        if target.exists():
            kept = strip(nbformat.read(target, as_version=4), home)
            nbformat.write(kept, target)
    executed: NotebookNode = nbformat.read(target, as_version=4)
    return executed


def _execute_here(source: Path, target: Path, parameters: Mapping[str, str]) -> None:
    """Run a notebook in this process, where all that it imports is imported."""
    papermill.execute_notebook(
        _literal(source),
        _literal(target),
        parameters=parameters,
        engine_name=ENGINE,
        progress_bar=False,
        request_save_on_cell_execute=False,
    )


def _execute(source: Path, target: Path, parameters: Mapping[str, str]) -> None:
    """Run a notebook in a kernel that has nothing but a private folder of its own."""
    # TCP on the loopback can be read by others on the machine; local sockets cannot.
    transport = "tcp" if sys.platform == "win32" else "ipc"
    with (
        # Short, as the path of a socket has at most some hundred letters.
        tempfile.TemporaryDirectory(prefix="rb-") as private,
        warnings.catch_warnings(),
    ):
        # The kernel's own sockets and loops; not ours to mend.
        warnings.simplefilter("ignore")
        kernel = {"transport": transport, "connection_file": f"{private}/k.json"}
        if transport == "ipc":
            kernel["ip"] = f"{private}/k"
        # A profile of the user's own could change what the cells show.
        profile, empty = Path(private, "ipython"), Path(private, "empty")
        profile.mkdir()
        empty.mkdir()
        try:
            papermill.execute_notebook(
                _literal(source),
                _literal(target),
                parameters=parameters,
                progress_bar=False,
                cwd=str(empty),
                request_save_on_cell_execute=False,
                kernel_manager_class=_SilentKernel,
                config=Config({"KernelManager": kernel}),
                extra_arguments=[
                    f"--ipython-dir={profile}",
                    "--InteractiveShellApp.ignore_cwd=True",
                    "--log-level=CRITICAL",
                    "--HistoryManager.enabled=False",
                ],
            )
        finally:  # one that was stopped while its kernel started has lost sight of it
            for child in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):
                    if any(private in word for word in child.cmdline()):
                        child.kill()
                        child.wait()


class _SilentKernel(AsyncKernelManager):
    """A kernel that has no terminal: what it says past its cells goes into a file."""

    # Its base is typed as if it were not async.
    async def start_kernel(self, **given: Any) -> None:  # type: ignore[override] # noqa: ANN401
        """Start it; the file is gone with its folder."""
        with Path(self.connection_file).with_name("said").open("wb") as said:
            await self._async_start_kernel(**given, stdout=said, stderr=STDOUT)


def _literal(path: Path) -> str:
    """Return a path for papermill, which fills in what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def strip(notebook: NotebookNode, home: Path) -> NotebookNode:
    """Return a notebook without what papermill and widgets store in it.

    The cell with the injected parameters goes as a whole: its values name folders of
    the machine that rendered. Of an error stay kind and message; its traceback names
    more of them.
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
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
            output.update(_told(output, home))
    return notebook


def _without_path(text: str, home: Path) -> str:
    """Return a text with a folder's name in place of its path."""
    path = rf"(?<![\w<./-]){re.escape(str(home))}(?![\w.-])"
    return re.sub(path, lambda _: home.name, text)


def _told(part: object, home: Path) -> object:
    """Return an output, or a part of it: all is seen, no folder of the machine named."""
    if isinstance(part, str):
        return visible(_without_path(part, home))
    if isinstance(part, list):
        return [_told(one, home) for one in part]
    if isinstance(part, dict):
        return {key: _told(one, home) for key, one in part.items()}
    return part


def join_notebooks(
    executed: Mapping[str, NotebookNode], *, of: str = SUMMARY, brief: bool = False
) -> NotebookNode:
    """Return one notebook: summary, chapters, then the summary's appendix.

    In the place of the summary stands another one where that is named.

    The page has the only first-level heading, so chapters move down by one; the
    summary's own title goes, since its first part is the page's headline. A brief one
    has what stands before the first part, and the parts that are tagged so.
    """
    summary = [
        cell
        for cell in executed[of].cells
        if not (cell.cell_type == "markdown" and cell.source.startswith("# "))
    ]
    body = [c for c in summary if "appendix" not in _tags(c)]
    if brief:
        body, is_kept = [], True
        for cell in summary:
            is_kept = "brief" in _tags(cell) if _level(cell) == _PART else is_kept
            body += [cell] if is_kept else []
        summary = []
    for name in () if brief or of != SUMMARY else CHAPTERS:
        for cell in executed[name].cells:
            if cell.cell_type == "markdown":
                cell.source = _HEADING.sub(r"#\1 ", cell.source)
            body.append(cell)
    body += [c for c in summary if "appendix" in _tags(c)]
    cells = [cell for cell in body if "notebook-only" not in _tags(cell)]
    _fold(cells)
    joined: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    joined.metadata = executed[of].metadata
    return joined


def _fold(cells: Sequence[NotebookNode]) -> None:
    """Fold the proof, and what leadership reads last; what failed stays open.

    Each folded part begins with a cell that holds what is told of it while it is closed.
    """
    is_proof, known = False, set[str]()
    for at, cell in enumerate(cells):
        level = _level(cell)
        if not is_proof:  # what leadership reads: each term is explained at first use
            for output in cell.get("outputs", ()):
                if read := output.get("data", {}).get("text/html"):
                    output.data["text/html"] = explained(read, known)
        if level not in {_PART, _SECTION}:
            continue
        heading, _, about = cell.source.partition("\n")
        is_proof = is_proof or heading[_PART:].strip()[:1].isdigit()
        if not is_proof and "folded" not in _tags(cell):
            continue
        inside = takewhile(lambda one: not 0 < _level(one) <= level, cells[at + 1 :])  # noqa: B023 - read at once
        shown = [output.data for one in inside for output in one.get("outputs", ())]
        finding = next((data.get("text/plain", "") for data in shown), "")
        finding = finding.removeprefix(f"{heading.lstrip('# ')}: ")
        is_part = is_proof and level == _PART
        read = "".join(data.get("text/html", "") for data in shown)
        cell.metadata["fold"] = {
            "open": bool(_FAILED.search(read)),
            "gates": _gates_in(read) if is_part else "",
            "shows": about.strip()
            if is_part
            else _ROWS.sub("", finding.partition("\n")[0]),
        }


def _gates_in(html: str) -> str:
    """Return how the gates of a chapter stand, "" where it has none."""
    states = Counter(_GATE.findall(html))
    told = [f"{states[one]} {one}" for one in theme.GATES if states[one]]
    return f"Gates: {', '.join(told)}" if told else ""


def _level(cell: NotebookNode) -> int:
    """Return the level of the heading that a cell begins with; 0 where it has none."""
    heading = re.match("#+(?= )", cell.source)
    return len(heading[0]) if heading and cell.cell_type == "markdown" else 0


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags
