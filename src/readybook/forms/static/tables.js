// A table of the assessment, edited in place: rows, and what connects them to the kernel.

import { button, el, mark, newId, say } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Link } from "./link.js";
import { TableRow } from "./tablerow.js";

export class Table {
  constructor(model, node) {
    this.node = node;
    this.rows = new Map();
    this.link = new Link(model, {
      receive: (message) => this.receive(message),
      gone: () => this.lost(),
      back: () => this.found(),
    });
    this.onLeave = (event) => {
      this.flush();
      if (this.unsaved().length) event.preventDefault();
    };
    this.onHide = () => {
      this.flush();
      if (document.visibilityState === "visible") this.look();
    };
    this.onLook = () => this.look();
    window.addEventListener("beforeunload", this.onLeave);
    window.addEventListener("pagehide", this.onHide);
    document.addEventListener("visibilitychange", this.onHide);
    window.addEventListener("focus", this.onLook);
    node.append(el("p", { class: "hint" }, "Opening the table …"));
    this.link.insist({ kind: "open" }, () => this.about || node.querySelector(".alarm"));
  }

  close() {
    this.flush();
    this.link.close();
    window.removeEventListener("beforeunload", this.onLeave);
    window.removeEventListener("pagehide", this.onHide);
    document.removeEventListener("visibilitychange", this.onHide);
    window.removeEventListener("focus", this.onLook);
  }

  // --- messages -------------------------------------------------------------------

  receive(message) {
    const row = this.rows.get(message.row) ?? this.renamed?.get(message.row);
    const isOwn = message.client === this.link.client;
    if (message.kind === "table" && !this.about) this.open(message);
    else if (message.kind === "refused" && !this.about) this.stop(message.problems);
    else if (!this.about) return;
    else if (message.kind === "table" || message.kind === "rows") this.load(message);
    else if (message.kind === "offers") this.offer(message);
    else if (message.kind === "signed" || (isOwn && message.row === "sign")) this.signed(message);
    else if (message.kind === "refused" && !message.row) this.alarmAbout("The file cannot be read", message.problems);
    else if (isOwn && row) row.hear(message);
    else if (!isOwn && message.row) this.look(); // another tab of this kernel
  }

  stop(problems) {
    const again = button("Try again", () => {
      this.node.replaceChildren();
      this.link.insist({ kind: "open" }, () => this.about || this.node.querySelector(".alarm"));
    });
    this.node.replaceChildren(el("div", { class: "alarm", role: "alert" }, problems.map((line) => el("p", {}, line)), again));
  }

  open(message) {
    this.about = message;
    this.offers = message.offers;
    this.drafts = new Drafts(message.folder, `table:${message.name}`);
    this.renamed = new Map();
    this.build();
    for (const row of message.rows) this.show(new TableRow(this, row));
    if (message.shape === "one" && !message.rows.length) this.begin();
    this.restore();
    this.count();
    this.node.dataset.ready = "yes";
    this.node.dataset.table = message.name;
  }

  // --- what it looks like ---------------------------------------------------------

  build() {
    const { about } = this;
    this.alarm = el("div", { class: "alarm", role: "alert" });
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
    this.node.replaceChildren(el("p", { class: "about", id: `${this.id}-about` }, about.about), this.alarm, this.table, this.none, this.buildFoot(), help ?? "");
  }

  buildFoot() {
    const { about } = this;
    if (about.reads) return this.buildSigning();
    const adder = about.grows ? button(`Add a row: ${about.noun}`, () => this.begin().focus()) : null;
    const hint = el("p", { class: "hint" }, "Saved as you leave each cell. Run the cells above and below again to see what it changes.");
    return el("div", { class: "foot-of-table" }, adder, this.tally, hint);
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
      this.link.send({ kind: "sign-off", row: "sign", counter: this.link.count(), role: role.value, covers: covers.value });
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
    this.alarmAbout("", []);
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
    this.alarmAbout(message.problems.length ? "Saved, but the folder as a whole is refused" : "", message.problems);
    if (!message.offers) return;
    this.offers = message.offers;
    for (const row of this.rows.values()) row.fill();
  }

  restore() {
    for (const [key, drafts] of Object.entries(this.drafts.all())) {
      const isNew = drafts[0].isNew && this.about.shape === "rows";
      const known = this.rows.get(key) ?? this.rows.get(drafts[0].values.id);
      const row = known ?? (isNew ? this.begin() : null);
      // Older ones first: where two tabs typed into one cell, the last word stands.
      if (row) for (const draft of [...drafts].reverse()) row.restore(draft);
      else this.orphaned(drafts[0]);
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
    this.alarmAbout("This browser keeps no drafts", ["Its storage is full or switched off. Rows are saved as usual; wait for “Saved” before you close the page."]);
  }

  count() {
    const { about } = this;
    const number = [...this.rows.values()].filter((row) => !row.isGone).length;
    const unsaved = this.unsaved().length;
    this.tally.textContent = unsaved ? `${unsaved} not saved yet` : "";
    this.none.textContent = number || about.shape === "one" ? "" : `No ${about.noun} is declared yet.`;
    this.table.hidden = this.rows.size === 0;
  }

  unsaved() {
    return [...this.rows.values()].filter((row) => row.isUnsaved);
  }

  flush() {
    for (const row of this.rows.values()) row.settleDown();
  }

  look() {
    if (this.about && !this.link.isGone) this.link.send({ kind: "look" });
  }

  // --- the kernel -----------------------------------------------------------------

  lost() {
    const count = this.unsaved().length;
    const kept = count ? `What you typed is kept in this browser (${count} not in the file yet).` : "Everything is in the file.";
    const todo = `${kept} Do: choose Kernel, Restart Kernel, then run the cells from the top to this one; what is kept comes back. Or wait, if a cell is still at work.`;
    if (this.about) this.alarmAbout("The kernel does not answer", [todo]);
    else this.stop(["The kernel does not answer. Do: run the cells from the top to this one."]);
    for (const row of this.unsaved()) row.tell("Not saved: the kernel does not answer. Kept in this browser.", "bad");
  }

  found() {
    if (!this.about) return;
    this.alarmAbout("", []);
    for (const row of this.unsaved()) row.flush();
  }

  alarmAbout(words, lines) {
    if (this.alarmed === words) return;
    this.alarmed = words;
    this.alarm.replaceChildren(...(words ? [el("h3", {}, mark("warning", words)), ...lines.map((line) => el("p", {}, line))] : []));
  }
}
