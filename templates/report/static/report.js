// Unpacks plotly.js and draws the charts; opens folded parts for links and for print.
// The page is complete without it: each chart has its data in a table.
(() => {
  "use strict";
  const PRINT_WIDTH = 660; // pixels: the text width of A4, the narrower of two papers
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const shared = JSON.parse(document.getElementById("shared")?.textContent ?? "null");

  const charts = [...document.querySelectorAll("script.plot-spec")].map((spec) => ({
    spec: whole(JSON.parse(spec.textContent)),
    figure: spec.previousElementSibling,
  }));

  // The page holds what all charts share once.
  function whole({ data, layout }) {
    const { xaxis, yaxis, annotations = [] } = layout;
    return {
      data,
      layout: {
        ...shared.layout,
        ...layout,
        xaxis: { ...shared.axis, ...xaxis },
        yaxis: { ...shared.axis, ...yaxis },
        annotations: annotations.map((one) => ({ ...shared.annotation, ...one })),
      },
      config: { ...shared.config },
    };
  }

  // Colours stand under keys that end in "color", alone or in lists.
  function recoloured(value, key) {
    if (Array.isArray(value)) return value.map((one) => recoloured(one, key));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, recoloured(one, name)])
      );
    }
    return /color$/.test(key) && value in shared.dark ? shared.dark[value] : value;
  }

  function draw(chart, { width, isDark }) {
    const spec = isDark ? recoloured(chart.spec, "") : chart.spec;
    const copy = JSON.parse(JSON.stringify(spec));
    const plot = chart.figure.querySelector(".plot");
    if (width) copy.layout.width = width;
    copy.config.staticPlot = Boolean(width);
    window.Plotly.react(plot, copy.data, copy.layout, copy.config);
  }

  function drawAll(how) {
    if (window.Plotly) charts.forEach((chart) => draw(chart, how));
  }

  function onScreen() {
    return { width: 0, isDark: dark.matches };
  }

  async function unpack() {
    const packed = document.getElementById("plotlyjs");
    if (!packed || !charts.length || !("DecompressionStream" in window)) return;
    if (!window.Plotly) {
      const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream();
      const plain = stream.pipeThrough(new DecompressionStream("deflate"));
      const script = document.createElement("script");
      script.textContent = await new Response(plain).text();
      document.head.append(script);
    }
    charts.forEach(({ spec, figure }) => {
      const plot = figure.querySelector(".plot");
      plot.style.height = `${spec.layout.height}px`;
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", figure.querySelector("h4").textContent);
    });
    drawAll(onScreen());
    document.documentElement.dataset.charts = "drawn";
  }

  // A table that is laid out as blocks, as on a phone, is none for a screen reader
  // unless its parts say what they are.
  function nameParts() {
    const roles = {
      table: "table",
      "thead, tbody": "rowgroup",
      tr: "row",
      td: "cell",
      'th[scope="col"]': "columnheader",
      'th[scope="row"]': "rowheader",
    };
    for (const [part, role] of Object.entries(roles)) {
      document.querySelectorAll(part).forEach((one) => one.setAttribute("role", role));
    }
  }

  function openAround(one) {
    for (let at = one; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  }

  function openTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    openAround(target);
    if (target) target.scrollIntoView();
  }

  // Whoever narrows the questions wants to see them.
  document.querySelector(".filter")?.addEventListener("change", () => {
    document.querySelectorAll(".q").forEach((one) => openAround(one.parentElement));
  });

  // What leadership reads is printed whole, and of the proof what is open.
  const opened = [];
  window.addEventListener("beforeprint", () => {
    const short = document.querySelector("#whole:not(:checked)");
    const closed = short
      ? "details.lead-part:not([open]), :is(.part-lead, .lead-part) details:not([open])"
      : "details:not([open])";
    document.querySelectorAll(closed).forEach((one) => {
      one.open = true;
      opened.push(one);
    });
    drawAll({ width: PRINT_WIDTH, isDark: false });
  });
  window.addEventListener("afterprint", () => {
    opened.splice(0).forEach((one) => {
      one.open = false;
    });
    drawAll(onScreen());
  });
  dark.addEventListener("change", () => drawAll(onScreen()));
  window.addEventListener("hashchange", openTarget);
  nameParts();
  openTarget();
  unpack();
})();
