// One question: read it, answer it, and see whether it is saved.

import { TEXT_MS, button, capital, el, field, newId, put, radio, say } from "./dom.js";
import { CONFIRM, answerKind, inWords, told } from "./answer.js";
import { Entry } from "./entry.js";
import { ProofFields, View, WaiveFields, textarea } from "./fields.js";
import { reveal } from "./reveal.js";

export class Card extends View {
  /** `form` says who answers, and connects what is typed to the kernel; see form.js. */
  constructor(about, form) {
    const named = { who: form.who.id, question: about.id, file: form.file };
    super(new Entry(form, { ...named, part: "answer", drafts: form.drafts, kind: answerKind(about) }));
    this.about = about;
    this.form = form;
    this.seen = new Entry(form, { ...named, part: "confirm", drafts: form.confirmDrafts, kind: CONFIRM });
    this.id = newId("card");
    this.build();
    this.entry.show(this);
  }

  get isMine() {
    return this.about.authority === this.form.who.role;
  }

  get isAnswered() {
    return this.entry.stored !== null;
  }

  get entries() {
    return [this.entry, this.seen];
  }

  // --- what it looks like ---------------------------------------------------------

  build() {
    const { about, form } = this;
    this.status = el("p", { class: "status", role: "status", id: `${this.id}-status` });
    this.shown = el("div", { class: "after" });
    this.options = el("div", { class: "options" }, this.buildOptions());
    this.waive = new WaiveFields(about, form, this.entry);
    this.due = el("div", { class: "due", hidden: true });
    const fields = el(
      "fieldset",
      { class: "ask", "aria-describedby": `${this.id}-status` },
      el(
        "legend",
        {},
        el("span", { class: "id" }, about.id, " "),
        el("span", { class: "title" }, about.title, " "),
        el("span", { class: "text" }, about.text),
      ),
      this.options,
      this.waive.node,
    );
    this.node = el(
      "article",
      { class: "card", "data-question": about.id },
      el("p", { class: "tags" }, this.buildTags()),
      fields,
      el("div", { class: "foot" }, this.buildFolds(), this.status),
      this.due,
      this.help,
      this.shown,
    );
    this.node.addEventListener("keydown", (event) => this.shortcut(event));
    this.node.addEventListener("focusout", () => this.flush());
  }

  buildTags() {
    const { about } = this;
    return [
      el("span", {}, this.isMine ? "Your answer counts" : `${about.asks} decides; yours is shown beside it`),
      about.gate ? el("span", { class: "tag" }, "Gate") : null,
    ];
  }

  buildOptions() {
    const { about, form } = this;
    const name = `${this.id}-answer`;
    const option = (value, key, ...label) => {
      const choose = () => this.entry.type({ answer: value }, 0);
      const made = radio(name, String(value), false, choose, el("kbd", { "aria-hidden": "true" }, key), el("span", {}, label));
      made.className = typeof value === "number" ? "option" : "option other";
      made.firstChild.setAttribute("aria-keyshortcuts", key);
      return made;
    };
    const levels = about.levels.map((level, at) =>
      option(at, String(at), el("b", {}, capital(level.word)), " ", level.text),
    );
    const others = [option("unknown", "U", el("b", {}, capital(form.words.unknown)), " It stays open, and the report says so.")];
    if (about.waivable) {
      others.push(option("does-not-apply", "N", el("b", {}, capital(form.words["does-not-apply"])), " With a reason."));
    }
    return [...levels, el("div", { class: "others" }, others)];
  }

  buildFolds() {
    const { about, entry } = this;
    this.note = textarea(3, (note) => entry.type({ note }, TEXT_MS));
    this.private = el("input", { type: "checkbox", onchange: () => entry.type({ private: this.private.checked }, 0) });
    this.proof = new ProofFields(entry);
    const quiet = () => el("span", { class: "quiet" }, ` for ${about.id}`);
    this.summary = el("summary", {}, "Note and proof", quiet());
    const more = el(
      "details",
      { class: "more" },
      this.summary,
      el("p", { class: "hint" }, `What would prove it: ${about.proof}`),
      this.proof.node,
      el("label", { class: "field" }, el("span", {}, "Note"), this.note),
      el("label", { class: "check" }, this.private, el("span", {}, "Private: this note enters no report")),
    );
    const why = el("details", { class: "why" }, el("summary", {}, "Why it matters", quiet()), el("p", {}, about.why));
    this.confirm = this.isMine ? null : new Confirm(about, this.seen);
    return el("div", { class: "folds" }, why, more, this.confirm?.node);
  }

  shortcut(event) {
    const isText = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (isText || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toUpperCase();
    const found = this.options.querySelector(`input[aria-keyshortcuts="${CSS.escape(key)}"]`);
    if (!found) return;
    event.preventDefault();
    found.focus();
    if (!found.checked) found.click();
  }

  flush(how) {
    for (const entry of this.entries) entry.flush(how);
  }

  // --- how far what was typed is ----------------------------------------------------

  fill() {
    const { draft } = this.entry;
    for (const input of this.options.querySelectorAll("input")) {
      input.checked = draft.answer !== undefined && input.value === String(draft.answer);
    }
    put(this.note, draft.note);
    this.private.checked = Boolean(draft.private);
    this.proof.fill(draft);
    this.waive.fill(draft);
  }

  paint() {
    const { draft } = this.entry;
    this.waive.paint(draft);
    const has = [draft.note && "note", draft.proof?.reference && "proof"].filter(Boolean);
    this.summary.dataset.has = has.join(" and ");
    this.node.dataset.answered = this.isAnswered ? "yes" : "no";
  }

  tell(words, state) {
    say(this.status, words, state);
  }

  lines(answer) {
    return told(answer, this.about, this.form.words);
  }

  /** Offer what another tab or an earlier day left behind, and never drop it unasked. */
  showOlder(drafts) {
    for (const draft of drafts) {
      const drop = () => {
        this.form.drafts.forget(draft.question, draft.client, draft.counter);
        row.remove();
        this.focus();
      };
      const take = () => {
        drop();
        this.entry.type(draft.answer, 0);
        this.fill();
      };
      const words = this.lines(draft.answer).join("; ");
      const row = el("div", { class: "due" }, el("p", {}, `Another draft, of ${draft.at}: ${words}`), button("Use it", take), button("Discard it", drop));
      this.help.before(row);
    }
  }

  // --- an old answer, and what stayed hidden before there was one -------------------

  showDue(isDue) {
    this.isDue = isDue;
    this.due.hidden = !isDue;
    if (!isDue) return;
    const { stored } = this.entry;
    const said = inWords(stored, this.about, this.form.words);
    const stillTrue = button("Still true", () => {
      this.entry.redate();
      this.focus();
    });
    this.due.replaceChildren(el("p", {}, `You said “${said}” on ${stored?.date}. Is it still so?`), stillTrue);
  }

  /** Show, beside the person's own answer, what stayed hidden before it. */
  reveal(about) {
    if (!about || !this.isAnswered) {
      this.shown.replaceChildren();
      return;
    }
    const first = this.entry.stored?.first;
    const was = first === undefined ? null : el("p", { class: "hint" }, `Your first answer was: ${inWords({ answer: first }, this.about, this.form.words)}.`);
    this.shown.replaceChildren(...[was, reveal(about)].filter(Boolean));
  }

  focus() {
    const radios = [...this.options.querySelectorAll("input")];
    (radios.find((input) => input.checked) ?? radios[0]).focus();
  }
}

/** Another role's document was seen: how far it carries, said beside the question. */
class Confirm extends View {
  constructor(about, entry) {
    super(entry);
    this.about = about;
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
    this.summary = el("summary", {}, "I have seen the document", el("span", { class: "quiet" }, ` for ${about.id}`));
    this.node = el(
      "details",
      { class: "confirm" },
      this.summary,
      el("p", { class: "hint" }, `${about.asks} answers this question and files what proves it. If you have seen that document yourself, say which one and what it shows: proof that a second role has checked weighs more. What would prove it: ${about.proof}`),
      el("div", { class: "proof" }, field("The document that you saw", this.saw), field("Seen on (empty: today)", this.date)),
      field("It shows at least", this.level),
      el("div", { class: "row" }, this.back, this.status),
      this.help,
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

  lines(one) {
    return one ? [`${one.level} – ${this.about.levels[one.level]?.word ?? ""}`, `Seen: ${one.saw}, ${one.date ?? "today"}`] : ["no confirmation any more"];
  }

  focus() {
    this.level.focus();
  }
}
