"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

Of all that users install; what only our tests and checks need is the newest there is.
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

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
    for needed in map(Requirement, lines):
        least = [one.version for one in needed.specifier if one.operator == ">="]
        if len(least) != 1:
            message = f"{needed}: expected one lowest version, such as >=1.2"
            raise ValueError(message)
        found[needed.name] = least[0]
    return found


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}=={least}\n" for name, least in lowest().items())
