// One row of a table: what was typed into it, and whether it is in the file.

import { TEXT_MS, button, el, newId, say } from "./dom.js";
import { alike, cellOf } from "./cells.js";
import { View } from "./fields.js";

export class TableRow extends View {
  /** `table` sends and says what is offered; see tables.js. */
  constructor(table, { id = "", mark: base = "", values = {}, part = "" } = {}) {
    super();
    this.table = table;
    this.key = id || `new-${table.link.count()}`;
    this.isNew = !id;
    this.part = part;
    this.base = base;
    this.stored = values;
    this.typed = {}; // by column: what is not in the file, and when it was typed
    this.sent = new Map(); // by counter: what was sent
    this.timer = null;
    this.isHeld = false; // refused, or half filled: kept in this browser only
    this.id = newId("row");
    this.cells = new Map(); // those that were drawn, by column
    this.node = this.body = el("tbody", { role: "rowgroup", class: "entry", "data-row": this.key });
    this.node.addEventListener("focusout", (event) => this.left(event));
  }

  // --- what it looks like ---------------------------------------------------------

  /** Draw what stands in the table itself, once it is shown: a table may have many. */
  draw() {
    if (this.called) return;
    const { columns } = this.table.about;
    const main = columns.filter((about) => about.main);
    const hasFold = columns.some((about) => !about.main && !about.fixed);
    for (const about of main) this.cells.set(about.key, cellOf(about, this));
    // A row is called what its first cell says, or by a name made from it.
    const isNamed = columns.some((about) => about.named || about.key === "id");
    this.called = el("span", { class: isNamed ? "called" : "quiet", id: `${this.id}-called` });
    this.status = el("p", { class: "status", role: "status" });
    this.acts = el("div", { class: "acts" });
    const line = el("tr", { role: "row" }, main.map((about, at) => this.buildCell(about, at)), el("td", { role: "cell", class: "last" }, this.acts));
    const wide = { role: "cell", colspan: main.length + 1 };
    this.told = el("ul", { class: "told" });
    this.proposed = el("div", { class: "proposed" });
    this.folded = el("div", { class: "folded" });
    this.fold = el("tr", { role: "row", class: "fold", id: `${this.id}-fold`, hidden: true }, el("td", wide, this.told, this.folded));
    this.body.append(line, this.fold, el("tr", { role: "row", class: "says" }, el("td", wide, this.proposed, this.status, this.help)));
    this.buildActs(hasFold);
    if (!this.opener) this.drawFold();
    this.fill();
  }

  buildCell(about, at) {
    const cell = this.cells.get(about.key);
    if (cell.ticks) cell.name(this.table.headId(about), this.called.id);
    const label = el("span", { class: "stacked", "aria-hidden": "true" }, about.label);
    const attributes = at ? { role: "cell" } : { role: "rowheader", scope: "row" };
    const called = at ? null : this.called;
    return el(at ? "td" : "th", { ...attributes, class: `is-${about.kind}${about.long ? " long" : ""}` }, label, cell.node, called);
  }

  /** Draw what is folded below the row, once something of it is wanted. */
  drawFold() {
    if (this.folded.hasChildNodes()) return;
    const { columns, groups } = this.table.about;
    const folded = columns.filter((about) => !about.main && !about.fixed);
    for (const about of folded) this.cells.set(about.key, cellOf(about, this));
    const alone = folded.filter((about) => !about.group).map((about) => this.buildField(about));
    const parts = groups.map((group) => this.buildGroup(group, folded.filter((about) => about.group === group.key)));
    this.folded.append(el("div", { class: "fields" }, alone), ...parts.filter(Boolean));
    this.fill();
  }

  /** The cell of a column, drawn if it was not. */
  cell(key) {
    this.draw();
    if (!this.cells.has(key)) this.drawFold();
    return this.cells.get(key);
  }

  buildField(about) {
    const cell = this.cells.get(about.key);
    const name = `${cell.id}-label`;
    cell.name(name, this.called.id);
    const hint = about.help ? el("span", { class: "hint", id: `${cell.id}-hint` }, about.help) : null;
    const isFlag = about.kind === "flag";
    return el("div", { class: `field${isFlag ? " flag" : ""}` }, el("span", { id: name, class: "name" }, about.label), cell.node, hint);
  }

  buildGroup(group, columns) {
    if (!columns.length) return null;
    const wrong = el("p", { class: "wrong", id: newId("wrong") });
    const fields = el(
      "fieldset",
      { class: group.range ? "group range" : "group", "data-group": group.key, "aria-describedby": wrong.id },
      el("legend", {}, group.title, el("span", { class: "quiet" }, " of ", el("span", { class: "called-too" }))),
      el("div", { class: "fields" }, columns.map((about) => this.buildField(group.range ? { ...about, help: "" } : about))),
      wrong,
    );
    (this.groups ??= new Map()).set(group.key, wrong);
    return fields;
  }

  buildActs(hasFold) {
    const { about } = this.table;
    const quiet = () => el("span", { class: "quiet" }, " ", el("span", { class: "called-too" }));
    if (about.shape === "one") this.fold.hidden = false;
    else if (hasFold) {
      this.opener = button(["More", quiet()], () => this.unfold(this.fold.hidden), { class: "quiet-button", "aria-expanded": "false", "aria-controls": this.fold.id });
      this.acts.append(this.opener);
    }
    if (about.grows) {
      this.remover = button(["Remove", quiet()], () => this.askRemove(), { class: "quiet-button" });
      this.acts.append(this.remover);
    }
  }

  unfold(isOpen) {
    if (!this.opener) return;
    this.drawFold();
    this.fold.hidden = !isOpen;
    this.opener.setAttribute("aria-expanded", String(isOpen));
    this.opener.firstChild.textContent = isOpen ? "Less" : "More";
  }

  /** Open the fold of a new row once nothing but what it hides is missing. */
  openForRest(keys) {
    const isHidden = (key) => !this.table.about.columns.some((about) => about.main && about.key === key);
    if (keys.length && keys.every(isHidden) && this.fold.hidden) this.unfold(true);
  }

  // --- typing ---------------------------------------------------------------------

  /** Keep what was typed at once, and send it when the cell is done. */
  type(cell) {
    const { key } = cell.about;
    cell.show?.();
    this.typed[key] = { value: cell.read(), n: this.table.link.count() };
    this.isHeld = false;
    this.keep();
    this.table.count();
    window.clearTimeout(this.timer);
    this.timer = null;
    const { pause } = cell;
    if (pause === 0) this.flush();
    else if (pause === "soon" && !this.isNew) this.timer = window.setTimeout(() => this.flush(), TEXT_MS);
    else this.tell("Typing …", "busy");
  }

  left(event) {
    const from = event.target.closest("[data-group], [data-cell]");
    const group = event.target.closest("[data-group]");
    const to = event.relatedTarget;
    const isInside = (group ?? from)?.contains(to);
    if (!isInside) this.settleDown();
  }

  /** Send what was typed, unless it is on its way, or waits for something. */
  settleDown() {
    if (this.isUnsaved && !this.isHeld && !this.isAllSent) this.flush();
  }

  get values() {
    const typed = Object.entries(this.typed).map(([key, { value }]) => [key, value]);
    return { ...this.stored, ...Object.fromEntries(typed) };
  }

  get isUnsaved() {
    return Object.keys(this.typed).length > 0;
  }

  /** Whether all that was typed is on its way. */
  get isAllSent() {
    const last = [...this.sent.values()].at(-1);
    return Boolean(last) && Object.entries(this.typed).every(([key, { n }]) => last[key] === n);
  }

  keep() {
    const { link, drafts } = this.table;
    const typed = Object.entries(this.typed);
    const before = Object.fromEntries(typed.map(([key]) => [key, this.stored[key] ?? ""]));
    const values = Object.fromEntries(typed.map(([key, { value }]) => [key, value]));
    const counter = Math.max(0, ...typed.map(([, { n }]) => n));
    this.draft = { question: this.key, client: link.client, counter, base: this.base, isNew: this.isNew, values, before };
    if (!drafts.keep(this.draft)) this.table.cannotKeep();
  }

  /** What is not ready to be sent, by column, with the reason in words. */
  waits() {
    const { columns, groups } = this.table.about;
    const { values } = this;
    const isEmpty = (key) => values[key] === undefined || values[key] === "" || values[key] === null;
    const found = {};
    for (const about of columns) {
      const { key } = about;
      if (this.cells.get(key)?.isHalf) found[key] = `${about.label} is half filled`;
      else if (about.required && !about.named && isEmpty(key) && (this.isNew || key in this.typed)) found[key] = `${about.label} is missing`;
    }
    for (const group of groups) {
      const own = columns.filter((about) => about.group === group.key).map((about) => about.key);
      const lacking = group.needs.filter(isEmpty);
      if (own.every(isEmpty) || !lacking.length) continue;
      const names = lacking.map((key) => columns.find((about) => about.key === key).label);
      for (const key of own) if (key in this.typed) found[key] ??= `${group.title} still needs ${names.join(", ")}`;
    }
    return found;
  }

  /** Send what was typed, but for what is not ready. */
  flush({ only = null, force = false } = {}) {
    window.clearTimeout(this.timer);
    this.timer = null;
    if (!this.isUnsaved) return;
    const waits = this.waits();
    this.waiting = [...new Set(Object.values(waits))];
    if (this.isNew) this.openForRest(Object.keys(waits));
    const all = Object.keys(this.typed).filter((key) => !(key in waits) && (!only || only.includes(key)));
    if (!all.length || (this.isNew && this.waiting.length) || this.conflict || this.isGoing) {
      this.hold();
      return;
    }
    const isAdded = this.isNew && this.table.about.shape === "rows";
    if (isAdded && this.sent.size && !force) return; // it becomes one row; the rest follows
    const counter = this.table.link.count();
    this.sent.set(counter, Object.fromEntries(all.map((key) => [key, this.typed[key].n])));
    const values = Object.fromEntries(all.map((key) => [key, this.typed[key].value]));
    this.table.save(this, { kind: isAdded ? "add" : "save", question: this.key, counter, base: this.base, values });
  }

  hold() {
    this.isHeld = true;
    if (this.waiting?.length && !this.conflict) this.tell(`Kept in this browser, not in the file: ${this.waiting.join("; ")}.`, "held");
    this.table.count();
  }

  // --- what the kernel says -------------------------------------------------------

  hear(message) {
    const sent = this.sent.get(message.counter);
    if (message.kind !== "conflict") this.sent.delete(message.counter);
    if (message.kind === "saved") this.saved(message, sent ?? {});
    else if (message.kind === "refused") this.refused(message, sent ?? {});
    else if (message.kind === "conflict") this.conflicted(message);
    else if (message.kind === "removed") this.removed(message);
    else if (message.kind === "undone") this.undone(message);
    this.table.count();
  }

  saved(message, sent) {
    const { drafts, link } = this.table;
    drafts.forget(this.key, link.client, Infinity);
    if (this.key !== message.id) this.table.rename(this, message.id);
    const { isNew } = this;
    Object.assign(this, { isNew: false, base: message.mark, stored: message.stored, conflict: null });
    for (const [key, n] of Object.entries(sent)) {
      if (this.typed[key]?.n === n) delete this.typed[key];
      this.cell(key).tell([]);
    }
    for (const [group, wrong] of this.groups ?? []) {
      if (Object.keys(sent).some((key) => key.startsWith(`${group}.`))) wrong.textContent = "";
    }
    this.help.hidden = true;
    this.fill();
    const begun = this.isRestored ? "Draft restored. " : "";
    this.isRestored = false;
    const where = `${begun}Saved ${message.at} to ${message.file}`;
    if (this.isUnsaved) {
      this.keep();
      if (isNew) this.flush();
      const waits = this.waits();
      const why = [...new Set(Object.keys(this.typed).map((key) => waits[key] ?? this.cell(key).about.label))].join("; ");
      if (!this.isAllSent && this.timer === null) this.tell(`${where}. Kept in this browser, not in the file: ${why}.`, "held");
    } else {
      this.tell(`${where}.`, "good");
    }
  }

  refused(message, sent) {
    this.isHeld = true;
    const told = Object.entries(message.cells);
    for (const key of Object.keys(sent)) this.cell(key).tell([]);
    const hit = new Set();
    for (const [key, problems] of told) {
      hit.add(key);
      if (this.cell(key)) this.cell(key).tell(problems);
      else if (this.groups?.has(key)) this.groups.get(key).textContent = problems.join(" ");
      const folds = this.fold.querySelector(`[data-cell="${CSS.escape(key)}"], [data-group="${CSS.escape(key)}"]`);
      if (folds) this.unfold(true);
    }
    const again = this.isTaking ? this.takeAgain : () => this.flush();
    this.tell(this.isTaking ? "Not declared." : "Not saved. What you typed is kept in this browser.", "bad");
    this.isTaking = false;
    if (message.problems.length) super.refused(message.problems, again);
    const isHit = (key) => [...hit].some((one) => key === one || key.startsWith(`${one}.`));
    const rest = Object.keys(sent).filter((key) => !isHit(key));
    if (told.length && !this.isNew && rest.length && rest.length < Object.keys(sent).length) this.flush({ only: rest });
  }

  conflicted(message) {
    const { theirs } = message;
    if (this.isGoing) {
      this.isGoing = false;
      if (theirs) this.load({ id: this.key, mark: message.mark, values: theirs });
      this.tell("Not removed: somebody changed this row. Look at it, then remove it again.", "bad");
      this.showActs();
      return;
    }
    const changed = Object.keys(this.typed);
    if (this.isTaking) {
      this.isTaking = false;
      this.load({ id: this.key, mark: message.mark, values: theirs ?? {} });
      this.tell("Not declared: somebody changed this row. Look at it, then press again.", "bad");
      return;
    }
    const isApart = theirs && changed.every((key) => alike(theirs[key], (this.draft?.before ?? this.stored)[key]));
    if (isApart) {
      this.settle(message);
      this.flush();
      return;
    }
    this.conflict = message;
    this.isHeld = true;
    this.tell("Not saved: this row was changed elsewhere. Both are kept; choose one.", "bad");
    const said = (values) => changed.map((key) => `${this.cell(key).about.label}: ${inText(values[key])}`);
    const keep = button("Keep theirs", () => this.keepTheirs());
    const use = button(theirs ? "Use mine" : "Add it again", () => this.useMine());
    this.compare("row", this.table.about.file, theirs ? said(theirs) : ["The row was removed."], said(this.values), keep, use);
    this.table.count();
  }

  keepTheirs() {
    const { theirs } = this.conflict;
    this.table.drafts.forget(this.key, this.table.link.client, Infinity);
    this.typed = {};
    if (!theirs) {
      this.table.drop(this);
      return;
    }
    this.settle(this.conflict);
    this.tell(`Kept what ${this.table.about.file} says.`, "good");
    this.focus();
  }

  useMine() {
    const { theirs } = this.conflict;
    if (!theirs) {
      for (const [key, value] of Object.entries(this.stored)) this.typed[key] ??= { value, n: this.table.link.count() };
      this.isNew = true;
    }
    this.settle(this.conflict);
    this.flush();
    this.focus();
  }

  /** Build on what the file holds now; what was typed stays. */
  settle({ theirs, mark: base }) {
    this.base = base;
    this.stored = theirs ?? {};
    this.conflict = null;
    this.sent.clear();
    this.help.hidden = true;
    this.fill();
    if (this.isUnsaved) this.keep();
    this.table.count();
  }

  /** Show what is on file; what was typed since stays, and saving tells whether it fits. */
  load(row) {
    if (row.mark === this.base || this.isUnsaved) return;
    this.base = row.mark;
    this.stored = row.values;
    this.fill();
  }

  /** Put values into cells as if they had been typed. */
  enterAll(values) {
    for (const [key, value] of Object.entries(values)) {
      if (this.cell(key)) this.typed[key] = { value, n: this.table.link.count() };
    }
  }

  /** Be a row that was drafted, and save it. */
  accept(values) {
    this.enterAll(values);
    this.keep();
    this.fill();
    this.flush();
  }

  /** Take up a draft that an earlier page left behind. */
  restore(draft) {
    const { drafts } = this.table;
    this.base = draft.base || this.base;
    this.enterAll(draft.values);
    this.isRestored = true;
    drafts.forget(draft.question, draft.client, Infinity);
    this.keep();
    this.draft.before = draft.before;
    drafts.keep(this.draft);
    this.fill();
    this.tell("Draft restored.", "busy");
    this.flush();
  }

  // --- what is measured and proposed ----------------------------------------------

  hint({ told = [], proposed = [] } = {}) {
    this.told.replaceChildren(...told.map((line) => el("li", {}, line)));
    if (alike(proposed, this.offered)) return;
    this.offered = proposed;
    const take = (one) => {
      if (this.isTaking) return;
      this.tell("Declaring …", "busy");
      this.isTaking = true;
      this.takeAgain = () => take(one);
      this.table.link.send({ kind: "take", question: this.key, counter: this.table.link.count(), base: this.base, proposed: one.id, values: {} });
    };
    const line = (one) => {
      const words = el("p", {}, el("b", {}, one.says), ` Proposed, because ${one.because}`);
      return el("div", {}, words, button(["Declare it", el("span", { class: "quiet" }, ` ${one.says} of ${this.key}`)], () => take(one)));
    };
    const isHere = this.proposed.contains(document.activeElement);
    this.isTaking = false;
    this.proposed.replaceChildren(...proposed.map(line));
    if (isHere) (this.proposed.querySelector("button") ?? this).focus();
  }

  // --- removing -------------------------------------------------------------------

  askRemove() {
    const keepIt = button("Keep it", () => this.showActs(true));
    const words = el("span", { id: `${this.id}-ask` }, "Remove this row?");
    this.acts.replaceChildren(words, button("Remove it", () => this.remove(), { "aria-describedby": words.id }), keepIt);
    keepIt.focus();
  }

  showActs(isFocused = false) {
    this.acts.replaceChildren(...[this.opener, this.remover].filter(Boolean));
    if (isFocused) this.remover.focus();
  }

  remove() {
    if (this.isNew) {
      this.table.drafts.forget(this.key, this.table.link.client, Infinity);
      this.typed = {};
      this.table.drop(this);
      return;
    }
    this.isGoing = true;
    const counter = this.table.link.count();
    this.tell("Removing …", "busy");
    this.showActs(true);
    this.table.link.send({ kind: "remove", question: this.key, counter, base: this.base, values: {} });
  }

  removed(message) {
    this.isGoing = false;
    this.isGone = true;
    this.last = { ...this.stored };
    this.typed = {};
    this.table.drafts.forget(this.key, this.table.link.client, Infinity);
    this.help.hidden = true;
    const undo = button(["Undo", el("span", { class: "quiet" }, ` removing ${this.key}`)], () => this.undo());
    this.body.dataset.gone = "yes";
    this.unlook = [...this.body.children].slice(0, 2).filter((node) => !node.hidden);
    for (const node of this.unlook) node.hidden = true;
    this.tell(`Removed ${this.name} from ${message.file} at ${message.at}.`, "good");
    this.help.replaceChildren(undo);
    this.help.hidden = false;
    undo.focus();
  }

  undo() {
    const counter = this.table.link.count();
    this.table.link.send({ kind: "undo", question: this.key, counter, base: "", values: this.last });
  }

  undone(message) {
    this.isGone = false;
    delete this.body.dataset.gone;
    for (const node of this.unlook) node.hidden = false;
    this.help.hidden = true;
    this.base = message.mark;
    this.stored = message.stored;
    this.fill();
    this.showActs();
    this.tell(`Put back into ${message.file} at ${message.at}.`, "good");
    this.focus();
  }

  // --- showing --------------------------------------------------------------------

  /** Write what is known into the cells; the one in use stays as it is. */
  fill() {
    if (!this.called) return;
    const { name, values } = this;
    for (const [key, cell] of this.cells) {
      if (cell.about.main) cell.call(`${cell.about.label} ${name}`);
      cell.offer((this.table.offers[key] ?? []).filter((one) => !one.of || one.of === this.key || one.of === this.part));
      cell.fill(values[key]);
    }
    this.hint(this.table.hints[this.key]);
    this.body.dataset.row = this.key;
    this.called.textContent = name;
    for (const node of this.body.querySelectorAll(".called-too")) node.textContent = name;
  }

  get name() {
    return this.isNew ? `new ${this.table.about.noun}` : this.key;
  }

  tell(words, state) {
    say(this.status, words, state);
  }

  focus() {
    this.draw();
    [...this.cells.values()].find((cell) => cell.inputs.length)?.focus();
  }
}

function inText(value) {
  if (value === undefined || value === "") return "nothing";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
