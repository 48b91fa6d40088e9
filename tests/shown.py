"""What a test of a piece needs: the case that it takes, and the words that it shows."""

from __future__ import annotations

import html
import re
from functools import cache

from flight_case import flight_assessment, flight_bank
from readybook.checks.findings import collect_findings
from readybook.model.case import Changes
from readybook.score.score import score
from readybook.show.kit.case import Case

_BLOCK = re.compile(r"(?s)<(p|li|tr|dt|dd|caption)[ >].*?</\1>")


def case_of(assessment, bank, **more):
    """The case of an assessment, scored; `more` replaces what a case holds."""
    found = {"evidence": collect_findings(assessment, bank)} | more
    result = found.pop("result", None) or score(bank, assessment)
    return Case(assessment=assessment, bank=bank, result=result, **found)


@cache
def _small_result():
    return score(flight_bank(), flight_assessment())


def case_with(findings=(), *, changes=(), assessment=None):
    """The small case, of which these findings are all that was measured."""
    assessment = assessment or flight_assessment(
        changes=Changes(format=1, changes=tuple(changes))
    )
    return Case(assessment, flight_bank(), _small_result(), tuple(findings))


def words_of(shown):
    """The text of a fragment, or of HTML, that is left without tags, spaces folded."""
    text = getattr(shown, "html", shown)
    return " ".join(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", "")).split())


def statements(shown):
    """The text of each paragraph, item and row that is not in a fold."""
    told = re.sub(r"(?s)<details.*?</details>", "", shown)
    told = re.sub(r"</dt>\s*<dd>", " ", told).replace("<wbr>", "")
    texts = (re.sub(r"<[^>]+>", " ", block[0]) for block in _BLOCK.finditer(told))
    return [html.unescape(" ".join(text.split())) for text in texts]


def notes_of(fragment):
    """The words of the lines under its tables."""
    return [*map(words_of, re.findall(r'<p class="note">(.*?)</p>', fragment.html))]


def items_of(fragment):
    """The words of the items of its lists."""
    return [*map(words_of, re.findall(r"(?s)<li>(.*?)</li>", fragment.html))]


def facts_of(fragment):
    """Label and words of each of its facts."""
    found = re.findall(r"(?s)<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", fragment.html)
    return [(label, words_of(said)) for label, said in found]


def heads_of(fragment):
    """The labels of the columns of the first table."""
    head = fragment.html.partition("<thead>")[2].partition("</thead>")[0]
    return [words_of(one) for one in head.split("</th>")[:-1]]


def rows_of(fragment, at=0):
    """The words of each row of the first table, or of a later one."""
    _, *bodies = fragment.html.split("<tbody>")
    body = bodies[at].partition("</tbody>")[0] if bodies else ""
    return [words_of(row) for row in body.split("</tr>")[:-1]]
