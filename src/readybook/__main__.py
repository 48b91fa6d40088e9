"""`python -m readybook` is the command `readybook`."""

import sys

from readybook.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
