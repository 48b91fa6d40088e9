"""Find out, before building, whether one machine-learning case is ready to run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readybook.workbook import Workbook, open_portfolio, open_workbook

__all__ = ["Workbook", "__version__", "open_portfolio", "open_workbook"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the workbook when it is first used, so that `readybook --help` is fast."""
    if name in {"Workbook", "open_portfolio", "open_workbook"}:
        from readybook import workbook  # noqa: PLC0415 - see above

        return getattr(workbook, name)
    message = f"module 'readybook' has no attribute '{name}'"
    raise AttributeError(message)
