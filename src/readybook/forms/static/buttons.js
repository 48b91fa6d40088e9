// Buttons for long work. The kernel runs it as a process; here it is started, followed
// and stopped. What was said is only ever text.

import { el, field, newId } from "./dom.js";

/** The address of a file below the root that JupyterLab's page names, or null. */
function addressOf(file) {
  const page = document.getElementById("jupyter-config-data");
  const { baseUrl, serverRoot } = JSON.parse(page?.textContent || "{}");
  if (!file || !baseUrl || !serverRoot || !file.startsWith(`${serverRoot}/`)) return null;
  const inside = file.slice(serverRoot.length + 1).split("/").map(encodeURIComponent);
  return `${baseUrl}files/${inside.join("/")}`;
}

class JobRow {
  constructor(job, send) {
    this.id = newId("job");
    this.choice = job.choices.length > 1 ? this.buildChoice(job) : null;
    this.title = job.names ? el("input", { type: "text", maxlength: 80 }) : null;
    this.replace = job.replaces ? el("input", { type: "checkbox" }) : null;
    this.start = el("button", {
      type: "button",
      "aria-describedby": `${this.id}-about`,
      onclick: () => send({
        kind: "run",
        job: job.id,
        choice: this.choice?.value ?? "",
        title: this.title?.value ?? "",
        replace: this.replace?.checked ?? false,
      }),
    }, job.label);
    this.stop = el("button", {
      type: "button",
      class: "quiet-button",
      hidden: true,
      "aria-label": `Stop: ${job.label}`,
      onclick: () => send({ kind: "cancel", job: job.id }),
    }, "Stop");
    this.says = el("p", { role: "status", class: "job-says" });
    this.list = el("ul", {});
    this.more = el("details", { hidden: true }, el("summary", {}, "What it said"), this.list);
    this.node = el(
      "div",
      { role: "group", "aria-label": job.label, "data-job": job.id, class: "job" },
      el("p", { id: `${this.id}-about` }, job.about),
      this.choice && field(job.asks, this.choice),
      this.title && field(job.names, this.title),
      this.replace && el("label", { class: "check" }, this.replace, el("span", {}, job.replaces)),
      el("p", {}, this.start, " ", this.stop),
      this.says,
      this.more,
    );
  }

  buildChoice(job) {
    const options = job.choices.map((name) => el("option", { value: name }, name));
    return el("select", { class: "job-choice" }, ...options);
  }

  show(message) {
    // What is refused leaves what runs as it is.
    if (message.state !== "refused") this.stop.hidden = message.kind !== "progress";
    this.says.textContent = message.says;
    const address = addressOf(message.file);
    if (address) {
      this.says.append(" ", el("a", { href: address, target: "_blank" }, "Open the report"));
    }
    this.list.replaceChildren(...(message.lines ?? []).map((line) => el("li", {}, line)));
    this.more.hidden = !(message.lines ?? []).length;
    this.more.open = message.state === "failed";
  }
}

export class Buttons {
  constructor(model, node) {
    node.classList.add("rb-buttons");
    const rows = new Map();
    const send = (message) => model.send(message);
    this.hear = (message) => {
      if (message.kind === "jobs") {
        rows.clear();
        for (const job of message.jobs) rows.set(job.id, new JobRow(job, send));
        node.replaceChildren(...[...rows.values()].map((row) => row.node));
      } else {
        rows.get(message.job)?.show(message);
      }
    };
    this.model = model;
    model.on("msg:custom", this.hear);
    send({ kind: "open" });
  }

  close() {
    this.model.off("msg:custom", this.hear);
  }
}
