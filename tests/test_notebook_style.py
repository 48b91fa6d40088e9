"""The report's style in an open notebook follows the editor's theme, not the system's."""

from __future__ import annotations

import pytest

from readybook.report.page import notebook_style
from readybook.show.kit.theme import COLOURS

pytestmark = pytest.mark.slow

PAGE = '<body {about}><div class="readybook"><p>Words</p></div></body>'
INK = """() => {
  const style = getComputedStyle(document.querySelector(".readybook"));
  const spell = document.createElement("span");
  document.body.append(spell);
  return ["paper", "ink"].map((name) => {
    spell.style.color = style.getPropertyValue(`--${name}`);
    return getComputedStyle(spell).color;
  }).concat(style.backgroundColor, style.color);
}"""


def rgb(name, at):
    parts = [str(int(COLOURS[name][at][i : i + 2], 16)) for i in (1, 3, 5)]
    return f"rgb({', '.join(parts)})"


@pytest.mark.parametrize(
    ("system", "about", "at"),
    [
        ("light", 'data-jp-theme-light="false"', 1),
        ("dark", 'data-jp-theme-light="true"', 0),
        ("light", 'class="vscode-dark"', 1),
        ("dark", 'class="vscode-light"', 0),
        ("light", "", 0),
        ("dark", "", 1),
    ],
)
def test_editor_with_a_theme_decides_before_the_system(browser, system, about, at):
    """JupyterLab and VS Code name their theme; elsewhere the system's scheme counts."""
    context = browser.new_context(color_scheme=system)
    page = context.new_page()
    page.set_content(f"<style>{notebook_style()}</style>{PAGE.format(about=about)}")

    shown = page.evaluate(INK)
    context.close()

    assert shown == [rgb("paper", at), rgb("ink", at)] * 2


def test_chart_is_recoloured_in_the_dark_theme_alone(browser):
    """Ink turns light, white stays under what is no label; a light theme has it as is."""
    white = "rgb(255, 255, 255)"
    chart = (
        f'<svg class="jp-RenderedPlotly"><text style="fill: {rgb("ink", 0)};">x</text>'
        f'<rect style="fill: {white};"></rect><g class="annotation">'
        f'<rect style="fill: {white};"></rect></g></svg>'
    )
    page = browser.new_page()
    shown = {}
    for light in ("true", "false"):
        body = f'<body data-jp-theme-light="{light}">{chart}</body>'
        page.set_content(f"<style>{notebook_style()}</style>{body}")
        shown[light] = page.evaluate(
            "[...document.querySelectorAll('[style]')].map("
            "(one) => getComputedStyle(one).fill)"
        )
    page.close()

    assert shown["true"] == [rgb("ink", 0), white, white]
    assert shown["false"] == [rgb("ink", 1), white, rgb("paper", 1)]
