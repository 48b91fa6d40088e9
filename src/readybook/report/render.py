"""One assessment to one self-contained HTML file, its notebooks and result.json."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pydantic.main import IncEx

from readybook import __version__
from readybook.case.open import Opened
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.report.execute import NOTEBOOKS, execute_notebook, join_notebooks
from readybook.report.page import page_resources, slim_html
from readybook.score.score import score
from readybook.show.action_list import action_rows, csv_text
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Edition
from readybook.text.documents import packaged, save_text

_NAMES: IncEx = {"__all__": {"respondent", "note"}}


def render_report(
    opened: Opened,
    *,
    out: Path,
    edition: Edition = "leadership",
    tick: Callable[[str], None] = lambda _: None,
) -> tuple[Path, str]:
    """Render an assessment that was opened, and return its page and headline.

    Nothing of an earlier report is touched before the new one is whole; where a cell
    fails, only the half-run notebooks are kept.

    Args:
        opened: what is rendered; the notebooks open its folder again.
        out: where `<name>.html` and the folder `<name>/` go.
        edition: who will read it.
        tick: called with the name of each notebook as it begins.

    Raises:
        NotebookError: a cell failed.
    """
    folder, assessment, bank = opened
    beside, home = out / assessment.name, folder.resolve()
    beside.mkdir(parents=True, exist_ok=True)
    parameters = {"assessment": home.name, "as_of": assessment.as_of.isoformat()}
    executed: dict[str, NotebookNode] = {}
    with tempfile.TemporaryDirectory(dir=beside, prefix=".notebooks-") as name:
        try:
            for notebook in NOTEBOOKS:
                tick(notebook)
                executed[notebook] = execute_notebook(
                    notebook,
                    into=Path(name),
                    cwd=home.parent,
                    parameters=parameters | {"edition": edition},
                )
        finally:  # all are kept, the one that failed included
            kept = beside / "notebooks"
            if kept.exists():
                shutil.rmtree(kept)
            kept.mkdir()
            for path in Path(name).glob("*.ipynb"):
                path.replace(kept / path.name)
    page = _to_html(join_notebooks(executed), assessment)
    result = score(bank, assessment)
    save_text(beside / "result.json", result_json(result, assessment, bank))
    # The mark tells spreadsheets that the file is UTF-8.
    actions = csv_text(action_rows(Case(assessment, bank, result)))
    save_text(beside / "actions.csv", f"\ufeff{actions}")
    file = out / f"{assessment.name}.html"
    save_text(file, page)
    return file, result.headline


def _to_html(notebook: NotebookNode, assessment: Assessment) -> str:
    template = packaged("templates") / "report"
    with_chart = any(
        "application/vnd.plotly.v1+json" in output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    exporter = HTMLExporter(
        template_name=template.name,
        extra_template_basedirs=[str(template.parent)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    resources = {"readybook": page_resources(assessment, with_charts=with_chart)}
    with warnings.catch_warnings():
        # nbconvert asks for alt texts of images in cells; ours are in the fragments.
        warnings.simplefilter("ignore")
        page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return slim_html(page)


def result_json(result: Result, assessment: Assessment, bank: Bank) -> str:
    """Return the result for machines: deterministic JSON, no names, no notes."""
    told = result.model_dump(
        mode="json",
        exclude={"standings": {"__all__": {"question": True, "given": _NAMES}}},
    )
    for row, standing in zip(told["standings"], result.standings, strict=True):
        asked = standing.question
        row["question"] = {
            key: getattr(asked, key) for key in ("id", "title", "weight")
        }
    body = {
        "format": 1,
        "readybook": __version__,
        "assessment": assessment.name,
        "title": assessment.scope.title,
        "bank": {key: getattr(bank, key) for key in ("id", "version", "fingerprint")},
        "inputs": assessment.fingerprint,
        "result": told,
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
