// A table of the assessment, edited in place: rows, and what connects them to the kernel.

import { alike } from "./cells.js";
import { button, el, newId, say } from "./dom.js";
import { Desk } from "./desk.js";
import { Drafts } from "./entry.js";
import { TableRow } from "./tablerow.js";

export class Table extends Desk {
  constructor(model, node) {
    super(model, node, "Opening the table …");
    this.rows = new Map();
    this.insist();
  }

  insist() {
    this.link.insist({ kind: "open" }, () => this.about || this.node.querySelector(".alarm"));
  }

  get isOpen() {
    return Boolean(this.about);
  }

  get reads() {
    return [this.about?.file];
  }

  entries() {
    return [...this.rows.values()];
  }

  // --- messages -------------------------------------------------------------------

  receive(message) {
    const row = this.rows.get(message.question) ?? this.renamed?.get(message.question);
    const isOwn = message.client === this.link.client;
    if (message.kind === "table" && !this.about) this.open(message);
    else if (message.kind === "refused" && !this.about) this.stop(message.problems);
    else if (!this.about) return;
    else if (message.kind === "table" || message.kind === "rows") this.load(message);
    else if (message.kind === "offers") this.offer(message);
    else if (message.kind === "signed" || (isOwn && message.question === "sign")) this.signed(message);
    else if (message.kind === "refused" && !message.question) this.alarmAbout("The file cannot be read", ...message.problems);
    else if (isOwn && row) this.hear(row, message);
    else if (!isOwn && message.question) this.look(); // another tab of this kernel
  }

  hear(row, message) {
    row.hear(message);
    const isWritten = ["saved", "removed", "undone"].includes(message.kind);
    if (isWritten) this.tellWritten(this.about.file);
  }

  stop(problems) {
    const again = button("Try again", () => {
      this.node.replaceChildren();
      this.insist();
    });
    super.stop(problems, again);
  }

  open(message) {
    this.about = message;
    this.folder = message.folder;
    this.offers = message.offers;
    this.hints = message.beside ?? {};
    this.drafts = new Drafts(message.folder, `table:${message.name}`);
    this.renamed = new Map();
    this.build();
    this.parted(message.rows);
    for (const row of message.rows) this.show(new TableRow(this, row));
    this.tellNote(message);
    this.tellDrafted(message);
    if (message.shape === "one" && !message.rows.length) this.begin();
    this.restore();
    this.count();
    this.node.dataset.ready = "yes";
    this.node.dataset.table = message.name;
  }

  // --- what it looks like ---------------------------------------------------------

  build() {
    const { about } = this;
    this.tally = el("p", { class: "tally" });
    this.none = el("p", { class: "none" });
    this.id = newId("table");
    const main = about.columns.filter((column) => column.main);
    const heads = main.map((column) => el("th", { scope: "col", role: "columnheader", id: this.headId(column), class: `is-${column.kind}${column.long ? " long" : ""}` }, column.label));
    const last = el("th", { scope: "col", role: "columnheader", class: "last" }, el("span", { class: "quiet" }, "Row"));
    this.table = el(
      "table",
      { role: "table", class: `entries ${about.shape}`, "aria-describedby": `${this.id}-about` },
      el("caption", {}, about.title, " ", el("span", { class: "file" }, about.file)),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads, last)),
    );
    const words = main.filter((column) => column.help);
    const help = words.length && !about.reads ? el("details", {}, el("summary", {}, "What each column takes"), el("dl", { class: "takes" }, words.map((column) => el("div", {}, el("dt", {}, column.label), el("dd", {}, column.help))))) : null;
    this.node.classList.add("rb-table");
    this.choose = el("select", { onchange: () => this.showPart(this.choose.value) });
    this.chooser = el("p", { class: "part", hidden: true }, el("label", {}, "Table ", this.choose));
    this.drafted = el("div", { class: "proposed", role: "group", "aria-label": `Drafted: ${about.title}` });
    this.node.replaceChildren(el("p", { class: "about", id: `${this.id}-about` }, about.about), this.alarm, this.chooser, this.table, this.none, this.buildFoot(), this.drafted, help ?? "");
  }

  /** Of rows that belong to several parts, those of one are shown. */
  parted(rows) {
    const parts = [...new Set(rows.map((row) => row.part).filter(Boolean))];
    if (alike(parts, this.parts)) return; // and a list that is open stays so
    this.parts = parts;
    this.chooser.hidden = parts.length < 2 || this.about.columns.find((column) => column.main).key === "table";
    this.choose.replaceChildren(...parts.map((part) => el("option", { value: part }, part)));
    this.showPart(this.chooser.hidden ? "" : parts.includes(this.part) ? this.part : parts[0]);
  }

  showPart(part) {
    this.part = part;
    this.choose.value = part;
    for (const row of this.rows.values()) this.place(row);
  }

  /** Show a row, unless it is of another part; it is drawn once it is shown. */
  place(row) {
    row.node.hidden = Boolean(this.part && row.part && row.part !== this.part);
    if (!row.node.hidden) row.draw();
  }

  tellNote({ note = "" }) {
    say(this.note, note, "held");
  }

  /** What readybook drafts: one click makes it a row, or one that is dropped. */
  tellDrafted({ drafted = [] }) {
    const isHere = this.drafted.contains(document.activeElement);
    const taken = new Set(); // who clicks twice means one row
    const accept = (one, more) => taken.has(one) || (taken.add(one) && this.begin().accept({ ...one.values, ...more }));
    const line = (one) => {
      const acts = [button("Add it", () => accept(one, {}), { "aria-label": `Add: ${one.values.action}` }), button("Drop it", () => accept(one, { state: "dropped" }), { "aria-label": `Drop: ${one.values.action}` })];
      return el("div", {}, el("p", {}, el("b", {}, one.values.action), ` ${one.role}; for the gate ${one.ends}`), el("span", { class: "acts" }, acts));
    };
    const title = el("p", { class: "name" }, "Drafted, for gates that no action is to settle; change it once it is a row:");
    this.drafted.replaceChildren(...(drafted.length ? [title, ...drafted.map(line)] : []));
    if (isHere) this.drafted.querySelector("button")?.focus();
  }

  buildFoot() {
    const { about } = this;
    this.note = el("p", { class: "note", role: "status" });
    if (about.reads) return this.buildSigning();
    const adder = about.grows ? button(`Add a row: ${about.noun}`, () => this.begin().focus()) : null;
    const hint = el("p", { class: "hint" }, "Saved as you leave each cell. Run the cells above and below again to see what it changes.");
    return el("div", { class: "foot-of-table" }, adder, this.tally, this.note, hint);
  }

  /** Who agrees to what, as it is today. */
  buildSigning() {
    const choice = (key) => {
      const node = el("select", {});
      node.append(el("option", { value: "" }, "Choose"), ...(this.offers[key] ?? []).map((one) => el("option", { value: one.id }, one.text)));
      return node;
    };
    const [role, covers] = [choice("role"), choice("covers")];
    const send = () => {
      say(this.says, "Recording …", "busy");
      this.link.send({ kind: "sign-off", question: "sign", counter: this.link.count(), role: role.value, covers: covers.value });
    };
    this.says = el("div", { class: "status", role: "status" });
    const labelled = (name, node) => el("label", { class: "field" }, el("span", {}, name), node);
    return el(
      "fieldset",
      { class: "signing" },
      el("legend", {}, "Record a sign-off of today"),
      el("div", { class: "fields" }, labelled("Role that agrees", role), labelled("What it agrees to, as it is now", covers)),
      button("Record that it agrees", send),
      this.says,
      el("p", { class: "hint" }, "The same in a terminal: ", el("code", {}, "readybook sign-off DIR --role ROLE --covers PART")),
    );
  }

  signed(message) {
    if (message.kind !== "signed") {
      say(this.says, message.problems.join(" "), "bad");
      return;
    }
    for (const row of [...this.rows.values()]) this.drop(row);
    for (const row of message.rows) this.show(new TableRow(this, row));
    say(this.says, `Recorded in ${this.about.file}; what it covers is in ${message.file}.`, "good");
    this.count();
  }

  headId(column) {
    return `${this.id}-${column.key}`;
  }

  show(row) {
    this.rows.set(row.key, row);
    this.table.append(row.node);
    this.place(row);
  }

  /** A new row; it is in the file once it has all that it needs. */
  begin() {
    const row = new TableRow(this, {});
    if (this.about.shape === "one") row.key = this.about.name;
    this.show(row);
    this.count();
    return row;
  }

  drop(row) {
    row.node.remove();
    this.rows.delete(row.key);
    this.count();
  }

  rename(row, key) {
    this.rows.delete(row.key);
    this.renamed.set(row.key, row);
    row.key = key;
    this.rows.set(key, row);
  }

  // --- state ----------------------------------------------------------------------

  /** Show what the file holds now; what was typed stays, and saving tells. */
  load(message) {
    this.alarmAbout("");
    this.parted(message.rows);
    const there = new Set(message.rows.map((row) => row.id));
    for (const about of message.rows) {
      const row = this.rows.get(about.id);
      if (!row) this.show(new TableRow(this, about));
      else if (!row.isGone) row.load(about);
    }
    for (const row of [...this.rows.values()]) {
      const isKept = there.has(row.key) || row.isNew || row.isGone || row.isUnsaved || row.sent.size;
      if (!isKept) this.drop(row);
    }
    this.count();
  }

  offer(message) {
    this.alarmAbout(message.problems.length ? "Saved, but the folder as a whole is refused" : "", ...message.problems);
    if (!message.offers) return;
    this.offers = message.offers;
    this.hints = message.beside ?? {};
    this.tellNote(message);
    this.tellDrafted(message);
    for (const row of this.rows.values()) row.fill();
  }

  restore() {
    for (const [key, drafts] of Object.entries(this.drafts.all())) {
      const isNew = drafts[0].isNew && this.about.shape === "rows";
      const known = this.rows.get(key) ?? this.rows.get(drafts[0].values.id);
      const row = known ?? (isNew ? this.begin() : null);
      // Older ones first: where two tabs typed into one cell, the last word stands.
      if (row) {
        if (this.part && row.part) this.showPart(row.part); // what comes back is seen
        for (const draft of [...drafts].reverse()) row.restore(draft);
      } else this.orphaned(drafts[0]);
    }
  }

  /** A draft of a row that is gone from the file: kept, and offered as a new row. */
  orphaned(draft) {
    const row = this.begin();
    row.restore({ ...draft, base: "" });
    row.tell("Draft restored: its row is no longer in the file. Complete it to add it again, or remove it.", "held");
  }

  cannotKeep() {
    if (this.isUnkept) return;
    this.isUnkept = true;
    this.alarmAbout("This browser keeps no drafts", "Its storage is full or switched off. Rows are saved as usual; wait for “Saved” before you close the page.");
  }

  count() {
    const { about } = this;
    const number = [...this.rows.values()].filter((row) => !row.isGone).length;
    const unsaved = this.unsaved().length;
    this.tally.textContent = unsaved ? `${unsaved} not saved yet` : "";
    this.none.textContent = number || about.shape === "one" ? "" : `No ${about.noun} is declared yet. ${about.begin}`.trim();
    this.table.hidden = this.rows.size === 0;
  }

  flush() {
    for (const row of this.rows.values()) row.settleDown();
  }

  look() {
    if (this.about && !this.link.isGone) this.link.send({ kind: "look" });
  }
}
