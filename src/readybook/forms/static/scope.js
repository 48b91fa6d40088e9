// What the case is: phase, track and scope facts, chosen in assessment.yaml.

import { capital, el, newId, radio, say } from "./dom.js";
import { CHOICE } from "./answer.js";
import { Entry } from "./entry.js";
import { View } from "./fields.js";

const FILE = "assessment.yaml";

export class Scope {
  constructor(fields, form) {
    this.form = form;
    this.choices = fields.map((about) => new Choice(about, form));
    this.summary = el("span", { class: "state" });
    this.status = el("p", { class: "hint", role: "status" });
    this.node = el(
      "details",
      { class: "case" },
      el("summary", {}, "The case: ", this.summary),
      el("p", { class: "hint" }, `What is chosen here counts for everybody; it is saved to ${FILE}. Which questions are asked follows from it, and so does the level that is needed.`),
      el("div", { class: "cases" }, this.choices.map((choice) => choice.node)),
      this.status,
    );
  }

  get entries() {
    return this.choices.map((choice) => choice.entry);
  }

  load(chosen, marks) {
    for (const { about, entry } of this.choices) entry.load(chosen[about.key] ?? null, marks[about.key] ?? "");
    this.paint();
  }

  restore(drafts) {
    for (const { about, entry } of this.choices) {
      const [newest] = drafts[about.key] ?? [];
      if (newest) entry.restore(newest);
    }
  }

  paint() {
    const value = (key) => this.choices.find(({ about }) => about.key === key)?.entry.draft.value;
    const facts = this.choices.filter(({ about }) => !about.required);
    const declared = facts.filter(({ entry }) => entry.draft.value);
    const missing = facts.length - declared.length;
    const words = [value("phase"), `${value("track")} track`, missing ? `${missing} of ${facts.length} scope facts not declared` : "all scope facts declared"];
    this.summary.textContent = words.filter(Boolean).join(", ");
  }

  /** Say how many questions a choice has added or taken away. */
  tellAsked(before, after) {
    const more = [...after].filter((id) => !before.has(id)).length;
    const fewer = [...before].filter((id) => !after.has(id)).length;
    const questions = (number) => `${number} question${number === 1 ? "" : "s"}`;
    const words = [more && `${questions(more)} more`, fewer && `${questions(fewer)} fewer`].filter(Boolean);
    this.tell(words.length ? `Now asked: ${words.join(", ")}.` : "The same questions are asked.");
    this.paint();
  }

  tell(words) {
    say(this.status, words);
  }
}

class Choice extends View {
  constructor(about, form) {
    super(new Entry(form, { who: form.who.id, part: "scope", question: about.key, file: FILE, drafts: form.scopeDrafts, kind: CHOICE }));
    this.about = about;
    const name = newId("choice");
    const option = (value, words, text) =>
      radio(name, value, false, () => this.entry.type({ value }, 0), el("span", {}, el("b", {}, words), " ", text));
    this.options = el(
      "div",
      { class: "choices" },
      about.values.map((value) => option(value.id, capital(value.id), value.text)),
      about.required ? null : option("", "Not declared", "Its questions are asked until it is."),
    );
    this.status = el("p", { class: "status", role: "status" });
    this.node = el("fieldset", { "data-choice": about.key }, el("legend", {}, about.text), this.options, this.status, this.help);
    this.entry.show(this);
  }

  fill() {
    for (const input of this.options.querySelectorAll("input")) input.checked = input.value === (this.entry.draft.value ?? "");
  }

  tell(words, state) {
    say(this.status, words, state);
    if (state === "bad") this.node.closest("details").open = true;
  }

  lines(one) {
    return [one?.value ? capital(one.value) : "Not declared"];
  }

  focus() {
    this.options.querySelector("input:checked")?.focus();
  }
}
