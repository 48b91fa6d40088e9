"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

Of all that users install; what only our tests and checks need is the newest there is.
"""

import re
import sys
import tomllib
from pathlib import Path

_NEEDED = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)(?:,<[\w.]+)?")

#: Extras that the quick tests can use.
TESTED = (
    "lab", "voila", "audio", "aws", "dask", "delta", "iceberg", "mysql", "pictures", "postgres",
)  # fmt: skip


def lowest() -> dict[str, str]:
    """Return the lowest version of each package, by name.

    Raises:
        ValueError: one has no lowest version.
    """
    file = Path(__file__).parent.parent / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(x for one in TESTED for x in extras[one])]
    found = {}
    for line in lines:
        needed = _NEEDED.fullmatch(line)
        if not needed:
            message = f"{line}: expected one lowest version, such as >=1.2,<2"
            raise ValueError(message)
        found[needed[1]] = needed[2]
    return found


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}=={least}\n" for name, least in lowest().items())
