"""Many assessments, each rendered in a process of its own, several at once.

The processes are forked from one that has drawn a report, see `warm`, so that they
import nothing. One that fails, hangs or takes too much memory fails alone, and none
outlives the run. What did not change since its page was made is not made again.
"""

import gc
import hashlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from glob import escape
from importlib.metadata import version
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psutil

from readybook.case.open import content_key, name_of, open_one, open_register
from readybook.model.bank import Document
from readybook.model.errors import InvalidInputError, Problem, ReadybookError, reason_of
from readybook.report.page import (
    CAN_FORK,
    INDEX,
    PORTFOLIO,
    ROW,
    Made,
    Order,
    PortfolioOrder,
    Tells,
    failure_page,
)
from readybook.report.rows import first_place
from readybook.score.lint import sound_bank
from readybook.text.documents import (
    json_parser,
    packaged,
    place_in_case,
    read_bytes,
    refuse_outside,
    save_text,
)

MADE_FROM = "made-from.json"  #: beside a report: of what it was made, and what was made
FAILED = "failed.html"  #: there, too: why there is no report, or no newer one
_SCOPE = "assessment.yaml"
_EACH = 500_000_000  #: bytes that one process takes
_LONGEST = 70  #: letters of the folder for temporary files
_PLACE = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[/\\](?:[^\s'\"]*[/\\])?")
_STARTS = threading.Lock()  #: a worker of a cluster begins several at once
_LOOK = 0.5  #: seconds between two looks at what the processes take


class Limits(NamedTuple):
    """How many reports are made at once, and what one may take."""

    jobs: int
    seconds: int = 600
    megabytes: int = 2_000  #: of memory, its children's included


class _Mark(Document):
    """made-from.json beside a report."""

    key: str
    headline: str
    tells: tuple[Tells, ...]
    pages: tuple[str, ...]  #: names; they lie beside the folder
    files: dict[str, str]  #: hash of each, by its name in the folder


@dataclass(frozen=True)
class Outcome:
    """What became of one assessment."""

    folder: Path
    state: Literal["made", "unchanged", "refused", "failed"]
    files: tuple[Path, ...] = ()
    headline: str = ""
    tells: tuple[Tells, ...] = ()  #: what is true of its verdict
    problems: tuple[Problem, ...] = ()  #: of one that was refused
    error: str | OSError = ""  #: why one failed

    def as_json(self) -> dict[str, object]:
        """Return its parts as programs read them."""
        return {
            "assessment": name_of(self.folder),
            "folder": str(self.folder),
            "state": self.state,
            "pages": [str(page) for page in self.files],
            "headline": self.headline,
            "tells": self.tells,
            "problems": [problem.as_json() for problem in self.problems],
            "error": str(self.error),
        }

    @property
    def in_short(self) -> str:
        """Return on one line why there is no page, for readers of all cases.

        Without what was found, the name of a file that is somebody's own, and the place
        of a folder: the page beside it tells these.
        """
        name = name_of(self.folder)
        if self.problems:
            return first_place(self.problems, self.folder)
        if isinstance(self.error, OSError):
            return f"{name}: {reason_of(self.error)}"
        told = self.error.replace(str(self.folder), name).splitlines()
        return _PLACE.sub("", f"{name}: {told[0] if told else 'no reason is known'}")

    @property
    def told(self) -> str:
        """Return in words why there is no page."""
        if self.problems:
            return str(InvalidInputError(self.problems))
        return f"{self.folder}: {self.error}"


@cache
def code_key() -> str:
    """Return digits that change with the package, and with what writes a page."""
    libraries = [version(name) for name in ("nbconvert", "plotly")]
    found = hashlib.sha256(json.dumps(libraries).encode())
    places = [
        Path(__file__).parents[1],
        packaged("notebooks"),
        packaged("templates") / "report",
    ]
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(path.relative_to(place).as_posix().encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def key_of(folder: Path, order: Order) -> str | None:
    """Return digits that change with whatever a report is made from.

    None: the folder cannot be read, and opening it will tell why.
    """
    content = content_key(folder, order.register)
    asked = [order.as_of, order.editions, order.browser, code_key(), content]
    told = hashlib.sha256(json.dumps(asked, default=str).encode())
    return told.hexdigest() if content else None


def portfolio_key(order: PortfolioOrder) -> str:
    """Return digits that change with whatever the page of many cases is made from.

    With what it is compared does not count: a run in which nothing moved keeps that.
    """
    rows = _digests(order.out, [f"{name}/{ROW}" for name in sorted(order.names)])
    told = [code_key(), rows, sorted(map(str, order.failed)), order.milestone]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def check_out(out: Path) -> None:
    """Refuse to write reports over what people wrote.

    Args:
        out: a folder for reports. In an assessment only its `reports/` can be one.

    Raises:
        InvalidInputError: it is, holds or lies in an assessment.
    """
    found, place = "", out.resolve()
    for page in (out / "page.html", place / "page.html"):
        if within := place_in_case(page):
            refuse_outside(*within)
            name, case = within
            if not name.startswith("reports/"):
                found = f"a place in the assessment {case.name}"
    if held := sorted(one.parent.name for one in place.glob(f"*/{_SCOPE}")):
        found = f"the folder that the assessment {held[0]} lies in"
    if not found:
        return
    raise InvalidInputError.of(
        str(out), found, "a folder that holds reports only",
        "name another one with --out, such as reports",
    )  # fmt: skip


def jobs_at_most() -> int:
    """Return how many reports this machine makes at once, by its cores and memory."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // _EACH))


def unchanged(folder: Path, order: Order, key: str | None) -> Outcome | None:
    """Return what an earlier run made of the same; None: it has to be made.

    A page that is gone, or that somebody changed, is made again.
    """
    beside = order.out / name_of(folder)
    try:
        raw = read_bytes(beside / MADE_FROM, name=MADE_FROM)
        made = json_parser(MADE_FROM, _Mark, "run it again")(raw)
        needed = {f"../{name}" for name in made.pages}
        needed |= set() if isinstance(order, PortfolioOrder) else {ROW}
        is_whole = made.pages and needed <= made.files.keys()
        is_beside = all(Path(name).name == name for name in made.pages)
        is_same = key is not None and made.key == key and is_whole and is_beside
        if not is_same or made.files != _digests(beside, made.files):
            return None
    except (InvalidInputError, ValueError):  # nobody's edit is taken for what was made
        return None
    pages = tuple(order.out / name for name in made.pages)
    return Outcome(folder, "unchanged", pages, made.headline, made.tells)


def _digests(beside: Path, names: Iterable[str]) -> dict[str, str]:
    """Return a hash of each file, by its name beside a report."""
    return {
        name: hashlib.sha256(read_bytes(beside / name, name=name)).hexdigest()
        for name in names
    }


@contextmanager
def _environment(**more: str) -> Iterator[None]:
    """Begin processes with no module of the folder that somebody happens to stand in.

    Nor with pools of threads, which no fork survives.
    """
    before = {name: os.environ.get(name) for name in more}
    os.environ |= more
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _Run:
    """One process at work, with a folder for its temporary files."""

    def __init__(
        self,
        context: Any,  # noqa: ANN401 - contexts have no common type
        folder: Path,
        key: str | None,
        order: Order,
        limits: Limits,
    ) -> None:
        """Begin it."""
        self.folder = folder
        self.outcome: Outcome | None = None
        self.private = tempfile.TemporaryDirectory(prefix="rb-")
        self.pipe, theirs = context.Pipe(duplex=False)
        given = (theirs, self.private.name, folder, key, order)
        self.process = context.Process(target=_work, args=given)
        with _STARTS, _environment(PYTHONSAFEPATH="1", OPENBLAS_NUM_THREADS="1"):
            self.process.start()
        # What it is forked from may have had to begin first, which is not its time.
        self.until = time.monotonic() + limits.seconds
        theirs.close()

    def end(self) -> None:
        """End it and all that it started; of its temporary files none stays."""
        with suppress(psutil.NoSuchProcess):
            for one in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()
        self.private.cleanup()

    def bytes(self) -> int:
        """Return the memory that it and its children hold."""
        total = 0
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.process.pid)
            for one in (own, *own.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    total += one.memory_info().rss
        return total


def render_each(
    folders: Iterable[tuple[Path, str | None]],
    order: Order,
    limits: Limits,
    *,
    tick: Callable[[str], None] = lambda _: None,
) -> Generator[Outcome, None, None]:
    """Render assessments, and yield what became of each as soon as that is known.

    Args:
        folders: each with its key; the pages are marked with that.
        order: what is made of each.
        limits: of how many at once, and of each.
        tick: called with the name of an assessment and of a notebook as that begins.
    """
    # A process that others are forked from listens at a socket among temporary files,
    # whose path has at most some hundred letters.
    is_short = len(os.fsencode(tempfile.gettempdir())) <= _LONGEST
    can_fork = CAN_FORK and is_short and not order.in_kernel
    context = multiprocessing.get_context("forkserver" if can_fork else "spawn")
    if can_fork:
        context.set_forkserver_preload(["readybook.report.warm"])
    waiting, running = iter(folders), list[_Run]()
    try:
        while True:
            while len(running) < limits.jobs and (one := next(waiting, None)):
                running.append(_Run(context, *one, order, limits))
            if not running:
                return
            wait([run.pipe for run in running], timeout=_LOOK)
            for run in [*running]:
                _look(run, tick, limits)
                if run.outcome:
                    running.remove(run)
                    run.end()
                    yield run.outcome
    finally:
        for run in running:
            run.end()


def _look(run: _Run, tick: Callable[[str], None], limits: Limits) -> None:
    """Hear what a process has to say, and whether it may go on."""
    try:
        while run.pipe.poll():
            told = run.pipe.recv()
            if isinstance(told, Outcome):
                run.outcome = told
                return
            tick(told)
    except (EOFError, OSError):
        run.process.join()
        error = f"its process ended with {run.process.exitcode}, do: run it again"
    else:
        if time.monotonic() > run.until:
            error = f"found no end after {limits.seconds:,} seconds, expected one, do: "
            error += "look at its notebooks, or allow more with --seconds"
        elif run.bytes() > limits.megabytes * 1_000_000:
            error = f"found more memory in use than {limits.megabytes:,} MB, expected less, do: "
            error += "allow more with --megabytes"
        else:
            return
    run.outcome = Outcome(run.folder, "failed", error=error)


def _work(
    pipe: Connection, private: str, folder: Path, key: str | None, order: Order
) -> None:
    """Render one assessment in this process, which ends with the one that began it."""
    gc.set_threshold(1_000_000)  # it ends soon, and its garbage with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it ends it
    threading.Thread(target=_end_with_parent, args=[private], daemon=True).start()
    tempfile.tempdir = private
    here = {"", os.getcwd(), str(order.home)} - {str(Path(__file__).parents[2])}  # noqa: PTH109
    os.chdir(order.home)
    sys.path[:] = [place for place in sys.path if place not in here]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (1, 2):  # what libraries print is for nobody
        os.dup2(nowhere, standard)
    try:
        outcome = _made(folder, key, order, tick=pipe.send)
    except Exception as error:  # noqa: BLE001 - it fails alone, whatever it is
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        why = f"found an error that nobody expected ({kind}), expected none, do: report it"
        outcome = Outcome(folder, "failed", error=why)
    pipe.send(outcome)


def _end_with_parent(private: str) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        shutil.rmtree(private, ignore_errors=True)
        os._exit(1)


def _made(
    folder: Path, key: str | None, order: Order, tick: Callable[[str], None]
) -> Outcome:
    # The process that forks has it; the one that only waits needs no second to import it.
    from readybook.report.portfolio import render_portfolio  # noqa: PLC0415
    from readybook.report.render import render_report  # noqa: PLC0415

    if isinstance(order, PortfolioOrder):
        name, render = PORTFOLIO, partial(render_portfolio, order, tick=tick)
    else:
        at = order.register  # of which a page tells no folder
        try:
            register = open_register(at, at.name if at else "")
            opened = open_one(
                folder, as_of=order.as_of, judge=sound_bank, register=register
            )
        except InvalidInputError as error:
            return Outcome(folder, "refused", problems=error.problems)
        name = opened.assessment.name
        render = partial(
            render_report,
            opened,
            order,
            tick=lambda notebook: tick(f"{name} {notebook}"),
        )
    try:
        if link := _link_among(order.out, name):
            raise InvalidInputError.of(
                link.relative_to(order.out).as_posix(), "a link",
                "what readybook wrote, or nothing", "remove it, or choose another --out",
            )  # fmt: skip
        made = render()
        if isinstance(order, PortfolioOrder):
            now: str | None = portfolio_key(order)
        else:
            now = key_of(folder, order)
        # Who changed something meanwhile has it made again.
        _mark(order.out / name, key if key == now else None, made)
    except OSError as error:
        return Outcome(folder, "failed", error=error)
    except ReadybookError as error:
        return Outcome(folder, "failed", error=str(error))
    return Outcome(folder, "made", made.pages, made.headline, made.tells)


def _link_among(out: Path, name: str) -> Path | None:
    """Return a link in the place of what is written for a case: it may lead anywhere."""
    beside, more = out / name, (INDEX, "chase") if name == PORTFOLIO else ()
    pages = (one for start in (name, *more) for one in out.glob(f"{escape(start)}*.*"))
    places = (beside, *beside.glob("*"), *pages)
    return next((one for one in places if one.is_symlink()), None)


def _mark(beside: Path, key: str | None, made: Made) -> None:
    """Say of what a report was made, last of all; what a failure left goes."""
    (beside / FAILED).unlink(missing_ok=True)
    if key is None:
        return
    names = sorted(Path(os.path.relpath(one, beside)).as_posix() for one in made.files)
    mark = _Mark(
        format=1,
        key=key,
        headline=made.headline,
        tells=made.tells,
        pages=tuple(page.name for page in made.pages),
        files=_digests(beside, names),
    )
    save_text(beside / MADE_FROM, mark.model_dump_json(indent=1) + "\n")


def save_failure(outcome: Outcome, out: Path) -> Path | None:
    """Write a page that says why there is none, and return it; None: a link is there.

    An earlier report stays: it is still true of its day. No other assessment's page can
    have the name of this one, which lies in the folder of its own.
    """
    name = name_of(outcome.folder)
    if _link_among(out, name):
        return None
    page = out / name / FAILED
    page.parent.mkdir(parents=True, exist_ok=True)
    save_text(page, failure_page(name, outcome.told))
    return page
