"""Imported by the process that others are forked from: a report was drawn in it once.

So none of them has anything left to import, and a report takes a second of computing.
"""

import gc
import tempfile
from pathlib import Path

from plotly.graph_objects import Figure, Scatter

from readybook.case.open import open_one
from readybook.report.page import Order, heading_of, page_resources
from readybook.report.render import render_report
from readybook.score.lint import sound_bank
from readybook.text.documents import packaged

with tempfile.TemporaryDirectory(prefix="readybook-") as _name:
    _case = open_one(packaged("templates") / "assessment", judge=sound_bank)
    render_report(_case, Order(Path(_name), in_kernel=False))
    # A case that was just begun has nothing to draw.
    page_resources(heading_of(_case.assessment), with_charts=True)
    Figure(Scatter(x=[1], y=[1])).to_plotly_json()
# What is here for good needs no looking through, and no copy of its pages.
gc.freeze()
