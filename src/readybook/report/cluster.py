"""Many assessments on a Dask cluster that is there, over a file system that all share.

A worker renders one as this machine would: in a process of its own, within its limits.
What is sent are paths, and what comes back is what became of each.
"""

import multiprocessing
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from readybook.case.open import name_of
from readybook.model.errors import InvalidInputError
from readybook.report.batch import Limits, Outcome, code_key, render_each
from readybook.report.page import NOTEBOOKS, Order, readers

_PATIENCE = 10  #: seconds for a scheduler to answer
_FOLDER = "found no folder {} at the worker, expected a file system that all share, "
_FOLDER += "do: mount it there under the same path"
_OTHER = "found another readybook, nbconvert or plotly at the worker, expected those "
_OTHER += "of this machine, do: install the same versions there"
_GONE = "found no end of it at the cluster ({}), expected one, do: look at the logs of "
_GONE += "its workers, and run it again"


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Open what runs work on the workers of a scheduler.

    Raises:
        ModuleNotFoundError: the extra `dask` is not installed.
        InvalidInputError: no scheduler answers there.
    """
    from distributed import Client  # noqa: PLC0415 - of an extra
    from distributed.comm.addressing import resolve_address  # noqa: PLC0415

    try:
        # whose fault a client would tell late and in tracebacks
        resolve_address(address)
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except Exception as error:  # the library raises what it likes, warnings among it
        do = "write it as the scheduler printed it, such as tcp://10.0.0.5:8786"
        if address.startswith("tls:") and isinstance(error, TypeError):
            do = "name certificates in Dask's configuration, at distributed.comm.tls"
        option = "--dask"
        raise InvalidInputError.of(
            option, f"no scheduler at '{address}'", "the address of one that runs", do
        ) from error
    with client:
        yield client.get_executor(pure=False)


def render_on(
    executor: Executor,
    folders: Iterable[tuple[Path, str | None]],
    order: Order,
    limits: Limits,
    *,
    tick: Callable[[str], None] = lambda _: None,
) -> Generator[Outcome, None, None]:
    """Render assessments elsewhere, and yield what became of each once that is known.

    As `render_each` does here. Where a worker is lost, another one does its work again.
    """
    waiting, running = iter(folders), dict[Future[Outcome], Path]()
    try:
        while True:
            for folder, key in islice(waiting, limits.jobs - len(running)):
                given = (folder, key, order, limits._replace(jobs=1), code_key())
                running[executor.submit(_render_one, *given)] = folder
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                folder = running.pop(done)
                for _ in readers(order.editions):
                    for notebook in NOTEBOOKS:
                        tick(f"{name_of(folder)} {notebook}")
                yield _outcome(done, folder)
    finally:
        for future in running:
            future.cancel()


def _outcome(done: "Future[Outcome]", folder: Path) -> Outcome:
    try:
        return done.result()
    except (Exception, CancelledError) as error:  # noqa: BLE001 - the cluster's own
        return Outcome(folder, "failed", error=_GONE.format(type(error).__name__))


def _render_one(
    folder: Path, key: str | None, order: Order, limits: Limits, code: str
) -> Outcome:
    """Render one at a worker."""
    if not order.home.is_dir():
        return Outcome(folder, "failed", error=_FOLDER.format(order.home))
    if code != code_key():
        return Outcome(folder, "failed", error=_OTHER)
    # A worker's nanny starts it as one that begins no process; ours end with theirs.
    multiprocessing.current_process().daemon = False
    (outcome,) = render_each([(folder, key)], order, limits)
    return outcome
