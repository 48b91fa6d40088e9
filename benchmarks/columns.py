"""Make an assessment that asks of the flights what a profile of their columns tells.

It is for comparing readybook with a profiler: of each column type, missing values and
repeated values are declared, and no other table, time, join, training or live rows.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

__all__ = ["make_columns_assessment"]

_KEPT = ("name", "logicalType", "physicalType", "description")
#: With a limit in rows, the rows without a value are told as a number; one that no
#: table could exceed would be no check.
_MOST_NULLS = 0


def make_columns_assessment(whole: Path, folder: Path) -> None:
    """Write an assessment of the flights' columns.

    Args:
        whole: the assessment that it is made of, as `make_assessment` writes it.
        folder: made here. Its flights are the same files, not copied where the file
            system can link them.
    """
    flights = Path("data") / "flights"
    (folder / flights).mkdir(parents=True)
    for file in sorted((whole / flights).iterdir()):
        _link(file, folder / flights / file.name)
    yaml = YAML()
    yaml.preserve_quotes = True
    contract = yaml.load(whole / "data.odcs.yaml")
    contract["schema"] = [
        _columns_only(table)
        for table in contract["schema"]
        if table["name"] == "flights"
    ]
    yaml.dump(contract, folder / "data.odcs.yaml")
    assessment = yaml.load(whole / "assessment.yaml")
    del assessment["needs"]  # some are of other tables; the contract says it all
    yaml.dump(assessment, folder / "assessment.yaml")


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system can
        shutil.copy(source, target)


def _columns_only(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table's declaration without all that is not of a column."""
    kept = ("name", "physicalName", "physicalType", "description")
    return {
        **{key: table[key] for key in kept},
        "properties": [_column(column) for column in table["properties"]],
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    # Declared as a key, whose values may not repeat, a column has those that do
    # counted: the distinct values less those that stand in one row only.
    return {
        **{key: column[key] for key in _KEPT},
        "quality": [
            {
                "metric": "nullValues",
                "mustBeLessOrEqualTo": _MOST_NULLS,
                "unit": "rows",
            },
            {"metric": "duplicateValues", "mustBe": 0},
        ],
        "customProperties": [{"property": "readiness.needed", "value": True}],
    }


def main() -> None:
    """Make one assessment, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="assessment to make; must not exist")
    parser.add_argument(
        "--of", type=Path, required=True, help="assessment that flights.py made"
    )
    arguments = parser.parse_args()
    make_columns_assessment(arguments.of, arguments.folder)


if __name__ == "__main__":
    main()
