// What stays hidden until the person has answered: measured, others, the gate.

import { el, mark } from "./dom.js";

export function reveal(about, others = "What others answered") {
  const parts = [];
  const stands = [el("span", {}, `Stands at: ${about.stands}`), mark(about.proof.look, about.proof.says)];
  if (about.gate) stands.push(mark(about.gate.look, about.gate.says));
  parts.push(term("Where it stands", el("p", { class: "marks" }, stands)));
  if (about.flags.length) {
    parts.push(term("Mind", el("ul", {}, about.flags.map((flag) => el("li", {}, flag)))));
  }
  if (about.measured.length) parts.push(term("Measured", list(about.measured, measured)));
  if (about.others.length) {
    const split = about.split ? el("p", { class: "split" }, `Answers lie apart: ${about.split}.`) : null;
    parts.push(term(others, split, list(about.others, other)));
  } else {
    parts.push(term(others, el("p", {}, "Nobody else has answered yet.")));
  }
  if (about.agreed) {
    const { says, because, date } = about.agreed;
    parts.push(term("Agreed in the room", el("p", {}, `${says}, on ${date}: ${because}`)));
  }
  return el("dl", { class: "reveal" }, parts);
}

function term(name, ...about) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, about));
}

function list(rows, draw) {
  return el("ul", {}, rows.map((row) => el("li", {}, draw(row))));
}

function measured(check) {
  return [
    el("span", { class: "marks" }, el("b", {}, check.title), mark(check.look, check.says)),
    ...check.told.map((line) => el("span", { class: "line" }, line)),
  ];
}

function other(given) {
  const counts = given.counts ? " (this answer counts)" : "";
  return [
    el("span", {}, el("b", {}, given.role), `: ${given.says}, ${given.date}${counts}`),
    given.note ? el("span", { class: "line" }, `“${given.note}”`) : null,
    given.proof ? el("span", { class: "line" }, `Proof: ${given.proof}`) : null,
  ];
}
