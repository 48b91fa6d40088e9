"""Many cases on one page, with lists for programs and for a mail; as a report is made.

Of each case only its row is read. The page is the notebook `portfolio`, run like others.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from readybook.model.portfolio import Portfolio
from readybook.model.words import count, day
from readybook.report.page import INDEX, PORTFOLIO, Heading, Made, PortfolioOrder
from readybook.report.render import execute_notebook, join_notebooks, page_html
from readybook.report.rows import FILE, gather
from readybook.show.portfolio.lists import chase_by_role, chase_csv, portfolio_csv
from readybook.show.portfolio.views import first_screen
from readybook.text.documents import save_text
from readybook.text.visible import visible

_SCRIPTS, _STYLES = ("report.js", "tables.js"), ("report.css", "portfolio.css")


def render_portfolio(order: PortfolioOrder, *, tick: Callable[[str], None]) -> Made:
    """Write the page of many cases and its lists; nothing before all of it is made.

    Raises:
        NotebookError: a cell failed.
        InvalidInputError: a row of a case is damaged.
    """
    out, beside = order.out, order.out / PORTFOLIO
    portfolio = gather(out, order.names, order.failed, order.milestone)
    text = visible(portfolio.model_dump_json(exclude_defaults=True)) + "\n"
    with tempfile.TemporaryDirectory(prefix="readybook-") as name:
        held = Path(name)
        (held / FILE).write_text(text, encoding="utf-8")
        tick(PORTFOLIO)
        executed = execute_notebook(
            PORTFOLIO, folder=held, into=held, parameters={}, in_kernel=order.in_kernel
        )
        kept = (held / f"{PORTFOLIO}.ipynb").read_text(encoding="utf-8")
    page = out / f"{INDEX}.html"
    html = page_html(
        join_notebooks({PORTFOLIO: executed}, of=PORTFOLIO), _head(portfolio)
    )
    roles = chase_by_role(portfolio)
    texts = {
        page: html,
        out / FILE: text,
        out / "portfolio.csv": portfolio_csv(portfolio),
        out / "chase.csv": chase_csv(portfolio),
        **{beside / f"{role}.csv": rows for role, rows in roles.items()},
        beside / f"{PORTFOLIO}.ipynb": kept,
    }
    beside.mkdir(parents=True, exist_ok=True)
    head = chase_csv(portfolio, []).encode()
    for left in beside.glob("*.csv"):  # of a role that owed something once
        if left not in texts and left.is_file() and left.read_bytes().startswith(head):
            left.unlink()
    for file, content in texts.items():
        save_text(file, content)
    headline = first_screen(portfolio).text.partition(". ")[0]
    return Made((page,), headline, (), tuple(texts))


def _head(portfolio: Portfolio) -> Heading:
    days = sorted({row.as_of for row in portfolio.cases})
    dates = " to ".join(map(day, dict.fromkeys((*days[:1], *days[-1:])))) or "no date"
    title = f"Portfolio of {count(len(portfolio.cases), 'case')}"
    return Heading(title, "", "", dates, "part-case-by-case", _SCRIPTS, _STYLES)
