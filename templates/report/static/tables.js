// Sorts tables by a click on the head of a column, and narrows them to rows that hold a
// text. Without it all rows are there, in the order that the page tells of.
(() => {
  "use strict";
  const order = new Intl.Collator("en", { numeric: true });

  function sort(table, head, at) {
    const isUp = head.getAttribute("aria-sort") !== "ascending";
    for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    for (const body of table.tBodies) {
      // A row that names a group stays above it.
      const rows = [...body.rows].filter((row) => !row.classList.contains("unit"));
      const keyed = rows.map((row) => [row.cells[at].textContent.replace(/,(?=\d{3})/g, ""), row]);
      keyed.sort(([a], [b]) => order.compare(a, b) * (isUp ? 1 : -1));
      body.append(...keyed.map(([, row]) => row));
    }
  }

  function narrow(table, words, said) {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const cases = rows.filter((row) => !row.classList.contains("unit"));
    let shown = 0;
    for (const row of cases) {
      const isShown = row.textContent.toLowerCase().includes(words);
      row.hidden = !isShown;
      shown += isShown;
    }
    for (const row of rows.filter((one) => one.classList.contains("unit"))) {
      row.hidden = ![...row.parentElement.rows].some((one) => one !== row && !one.hidden);
    }
    said.textContent = words ? `${shown} of ${cases.length} rows` : "";
  }

  for (const table of document.querySelectorAll(".sorted table")) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, at));
      head.append(button);
    });
    const label = document.createElement("label");
    const input = document.createElement("input");
    const said = document.createElement("output");
    label.className = "search";
    input.type = "search";
    input.addEventListener("input", () => narrow(table, input.value.trim().toLowerCase(), said));
    label.append("Only rows with ", input, said);
    table.before(label);
  }
})();
