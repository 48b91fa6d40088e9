"""A page in fewer bytes is the same page."""

from __future__ import annotations

import pytest

from readybook.report.page import slim_html

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>A page</title>
<style>
b  { color: red }
</style></head>
<body>
<h1 id="top">A  title</h1>
<p class="why two">One <b>bold</b>
 <i>word</i>.</p>
<p>Another.</p>
<ul>
<li>first <a href="#top">up</a></li>
<li><p>second</p></li>
</ul>
<dl>
<dt>Term</dt><dd>Text<br/> and more</dd>
<dt>Other</dt>
<dd>key="value" is text</dd>
</dl>
<table style="--c1:'A b'">
<caption>c</caption>
<thead><tr><th scope="col">Head</th></tr></thead>
<tbody>
<tr><td data-x="a'b">1</td>
<td></td></tr>
<tr><td class="number">2</td><td>3</td></tr>
</tbody>
</table>
<pre>  kept
  as it is <b class="x">b</b></pre>
<input checked="" id="in" type="radio"/><span>after</span>
<p>last</p></body></html>
"""
TREE = """html => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const inPre = (node) => node.parentElement && node.parentElement.closest("pre,style");
  const told = (node) => {
    if (node.nodeType === 3) {
      const text = inPre(node) ? node.data : node.data.replace(/\\s+/g, " ");
      return text.trim() ? text.trim() : null;
    }
    if (node.nodeType !== 1) return null;
    const names = [...node.attributes].map((a) => `${a.name}=${a.value}`).sort();
    const inside = [...node.childNodes].map(told).filter((one) => one !== null);
    return [node.tagName, names, inside];
  };
  return JSON.stringify(told(page.documentElement));
}"""


def test_end_tags_quotes_and_spaces_that_a_parser_infers_are_gone():
    """And nothing else."""
    slim = slim_html(PAGE)

    assert "<ul><li>first <a href=#top>up</a><li><p>second</ul>" in slim
    assert "<dl><dt>Term<dd>Text<br>and more<dt>Other<dd>" in slim
    assert '<tr><td data-x="a\'b">1<td><tr><td class=number>2<td>3</table>' in slim
    assert '<p class="why two">One <b>bold</b>\n <i>word</i>.<p>Another.<ul>' in slim


def test_text_that_looks_like_an_attribute_stays_as_it_is():
    """Only what stands in a tag is touched."""
    assert 'key="value" is text' in slim_html(PAGE)


@pytest.mark.parametrize("name", ["style", "script", "pre", "textarea"])
def test_what_is_no_markup_keeps_its_spaces(name):
    """Style, scripts and set text are taken over to the byte."""
    kept = f'<{name}>\n  a  <td class="b"> </td>\n</{name}>'

    assert kept in slim_html(f"<div>\n{kept}\n</div>")


@pytest.mark.slow
def test_browser_reads_the_same_document(browser):
    """Elements, attributes and words are those of the page before."""
    page = browser.new_page()
    before, after = (page.evaluate(TREE, html) for html in (PAGE, slim_html(PAGE)))
    page.close()

    assert after == before
    assert len(slim_html(PAGE)) < len(PAGE)
