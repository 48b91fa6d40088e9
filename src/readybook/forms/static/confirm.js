// Another role's document was seen: how far it carries, said beside the question.

import { TEXT_MS, button, capital, el, field, put, say } from "./dom.js";
import { Trouble } from "./trouble.js";

export class Confirm {
  constructor(about, entry) {
    this.about = about;
    this.entry = entry;
    const { levels } = about;
    this.level = el(
      "select",
      { onchange: () => entry.type({ level: this.level.value === "" ? undefined : Number(this.level.value) }, 0) },
      el("option", { value: "" }, "Choose a level"),
      levels.map((level, at) => el("option", { value: String(at) }, `${at} – ${capital(level.word)}: ${level.text}`)),
    );
    this.saw = el("input", { type: "text", autocomplete: "off", placeholder: "title or file number", oninput: () => entry.type({ saw: this.saw.value }, TEXT_MS) });
    this.date = el("input", { type: "date", oninput: () => entry.type({ date: this.date.value }, TEXT_MS) });
    this.back = button("Take it back", () => {
      entry.remove();
      this.level.focus();
    }, { class: "quiet-button" });
    this.status = el("p", { class: "status", role: "status" });
    this.trouble = new Trouble();
    this.summary = el("summary", {}, "I have seen the document", el("span", { class: "quiet" }, ` for ${about.id}`));
    this.node = el(
      "details",
      { class: "confirm" },
      this.summary,
      el("p", { class: "hint" }, `${about.asks} answers this question and files what proves it. If you have seen that document yourself, say which one and what it shows: proof that a second role has checked weighs more. What would prove it: ${about.proof}`),
      el("div", { class: "proof" }, field("The document that you saw", this.saw), field("Seen on (empty: today)", this.date)),
      field("It shows at least", this.level),
      el("div", { class: "row" }, this.back, this.status),
      this.trouble.node,
    );
    entry.show(this);
  }

  fill() {
    const { level, saw, date } = this.entry.draft;
    put(this.level, level === undefined ? "" : String(level));
    put(this.saw, saw);
    put(this.date, date);
  }

  paint() {
    this.summary.dataset.has = this.entry.stored ? `${this.entry.stored.level}, ${this.entry.stored.saw}` : "";
    this.back.hidden = !this.entry.stored;
  }

  tell(words, state) {
    say(this.status, words, state);
    if (state === "bad" || state === "held") this.node.open = true;
  }

  clear() {
    this.trouble.clear();
  }

  refused(problems, again) {
    this.trouble.refused(problems, again);
  }

  conflicted(theirs, mine) {
    const lines = (one) => (one ? [`${one.level} – ${this.about.levels[one.level]?.word ?? ""}`, `Seen: ${one.saw}, ${one.date ?? "today"}`] : ["no confirmation any more"]);
    this.trouble.conflicted(this.entry, lines(theirs), lines(mine), () => this.level.focus());
  }
}
