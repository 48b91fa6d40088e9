"""Whether somebody sits before a cell: forms open then, and what steers is folded."""

import os
import sys
from typing import Any


def is_live() -> bool:
    """Return whether a person may answer; papermill and other batches may not.

    Jupyter's message protocol says it: a front end with a person lets a cell ask for
    input, a batch does not. Voila has a person and lets no cell ask; its server says so.
    """
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila/"):
        return True
    if "ipykernel" not in sys.modules:
        return False  # no notebook, or a batch that runs its cells without a kernel
    from ipykernel.kernelbase import Kernel  # noqa: PLC0415 - it is loaded

    if not Kernel.initialized():
        return False
    kernel: Any = Kernel.instance()  # typed in part
    request = kernel.get_parent("shell")
    return bool(request.get("content", {}).get("allow_stdin", False))
