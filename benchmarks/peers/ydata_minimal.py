"""Profile the flights with ydata-profiling, with the least that it can be told to do."""

from __future__ import annotations

import pandas as pd
from ydata_profiling import ProfileReport

from asked import answer, data_folder

__all__: list[str] = []

#: The minimal profile still counts lengths, words and letters of texts.
_NO_LETTERS = {"length": False, "words": False, "characters": False}


def main() -> None:
    """Print what was found."""
    flights = pd.read_parquet(data_folder() / "flights")
    report = ProfileReport(
        flights, minimal=True, progress_bar=False, vars={"text": _NO_LETTERS}
    )
    found = report.get_description()
    answer(
        rows=int(found.table["n"]),
        non_null={name: int(one["count"]) for name, one in found.variables.items()},
        repeated={
            name: int(one["n_distinct"] - one["n_unique"])
            for name, one in found.variables.items()
        },
        extremes={
            name: [int(one["min"]), int(one["max"])]
            for name, one in found.variables.items()
            if one["type"] == "Numeric"
        },
    )


if __name__ == "__main__":
    main()
