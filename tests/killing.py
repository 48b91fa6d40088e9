"""What a run has left behind that is still running."""

from pathlib import Path

import psutil

PATIENCE = 60  #: seconds; a kernel looks each second whether its parent is there


def left_running(temporary: Path) -> list[psutil.Process]:
    """Return processes that were not ended by whoever had this temporary folder.

    They are given the time to end by themselves.
    """
    found = []
    for one in psutil.process_iter():
        try:
            if one.environ().get("TMPDIR") == str(temporary):
                found.append(one)
        except psutil.Error:
            continue
    return psutil.wait_procs(found, timeout=PATIENCE)[1]
