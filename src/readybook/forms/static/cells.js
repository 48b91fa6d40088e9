// One cell of a table: a native control that is filled, read and told what is wrong.

import { el, newId } from "./dom.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const TWO_WAYS = /^[+-]?[1-9]\d{0,2}\.\d\d0$/; // 2.000 may be meant as 2000

/** What a cell holds and the others of its kind; `row` says what it is called. */
export class Cell {
  constructor(about, row) {
    this.about = about;
    this.row = row;
    this.id = newId("cell");
    this.wrong = el("p", { class: "wrong", id: `${this.id}-wrong` });
    this.control = this.build();
    this.node = el("div", { class: "cell", "data-cell": about.key }, this.control, this.wrong);
    this.node.addEventListener("input", () => row.type(this));
  }

  build() {
    const { kind, closed } = this.about;
    if (this.about.fixed) return el("span", { class: "fixed" });
    if (kind === "flag") return el("input", { type: "checkbox", id: this.id });
    if (kind === "date") return el("input", { type: "date", id: this.id });
    if (kind === "number") return el("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "number", id: this.id });
    if (closed) return el("select", { id: this.id });
    if (this.about.long) return el("textarea", { rows: 1, id: this.id });
    this.list = el("datalist", { id: `${this.id}-list` });
    return el("input", { type: "text", autocomplete: "off", spellcheck: "false", id: this.id });
  }

  /** What it is named by, where a label stands beside it. */
  name(...ids) {
    if (!this.about.fixed) this.control.setAttribute("aria-labelledby", ids.join(" "));
  }

  /** What it is called below the head of a column, which may be scrolled away. */
  call(words) {
    if (!this.about.fixed) this.control.setAttribute("aria-label", words);
  }

  /** What may stand here, as far as it is known. */
  offer(offers) {
    if (alike(offers, this.offers)) return;
    this.offers = offers;
    const { value } = this;
    if (this.control.matches("select")) {
      const none = this.about.required ? "Choose" : `–${this.about.default ? ` (${this.about.default})` : ""}`;
      this.control.replaceChildren(el("option", { value: "" }, none), ...offers.map((one) => el("option", { value: one.id }, one.text)));
      this.fill(value);
    } else if (this.list) {
      this.list.replaceChildren(...offers.map((one) => el("option", { value: one.id, label: one.text === one.id ? null : one.text })));
      if (offers.length && !this.list.isConnected) {
        this.control.setAttribute("list", this.list.id);
        this.node.append(this.list);
      }
    } else if (this.about.fixed) {
      this.words = Object.fromEntries(offers.map((one) => [one.id, one.text]));
      this.fill(value);
    }
  }

  fill(value) {
    this.value = value;
    if (this.isInUse) return;
    const { control } = this;
    if (this.about.fixed) control.textContent = this.words?.[value] ?? value ?? "";
    else if (this.about.kind === "flag") control.checked = value === true;
    else {
      const text = value === undefined ? "" : String(value);
      const isNew = control.matches("select") && ![...control.options].some((option) => option.value === text);
      if (isNew) control.append(el("option", { value: text }, text));
      if (control.value !== text) control.value = text;
    }
  }

  /** What stands here as JSON; "" for nothing. What is no sure number stays a text. */
  read() {
    const { control } = this;
    if (this.about.kind === "flag") return control.checked ? true : "";
    const text = control.value.trim();
    if (this.about.kind === "number" && NUMBER.test(text) && !TWO_WAYS.test(text)) return Number(text);
    return text;
  }

  /** What somebody is typing in is never written into. */
  get isInUse() {
    return this.node?.contains(document.activeElement) ?? false;
  }

  /** A control that is half filled has no value yet. */
  get isHalf() {
    return Boolean(this.control.validity?.badInput);
  }

  /** When what was typed is sent: at once, after a pause, or when the cell is left.
      A name that is being completed is none yet. */
  get pause() {
    if (this.control.matches("select, [type=checkbox]")) return 0;
    if (this.list?.options.length) return this.offers.some((one) => one.id === this.read()) ? 0 : "left";
    return this.about.kind === "text" && !this.about.group ? "soon" : "left";
  }

  tell(problems) {
    this.wrong.textContent = problems.join(" ");
    const is = problems.length > 0;
    for (const node of this.inputs) {
      if (is) {
        node.setAttribute("aria-invalid", "true");
        node.setAttribute("aria-describedby", this.wrong.id);
      } else {
        node.removeAttribute("aria-invalid");
        node.removeAttribute("aria-describedby");
      }
    }
  }

  get inputs() {
    return this.about.fixed ? [] : [this.control];
  }

  focus() {
    this.inputs[0]?.focus();
  }
}

/** A cell that holds several: a folded list to tick, and a field for others. */
export class ListCell extends Cell {
  build() {
    this.ticks = el("div", { class: "ticks", role: "group" });
    this.other = el("input", { type: "text", autocomplete: "off", spellcheck: "false", id: `${this.id}-other` });
    this.more = el("span", {});
    const others = this.about.closed ? null : el("label", { class: "field" }, this.more, this.other);
    this.shown = el("span", {});
    this.summary = el("summary", { id: `${this.id}-shown` }, this.shown);
    const list = el("details", { class: "several" }, this.summary, this.ticks, others);
    list.addEventListener("keydown", (event) => this.closeOn(event));
    return list;
  }

  /** Close it as Tab leads on; where one clicks, what is clicked must not move away. */
  closeOn({ key }) {
    const list = this.control;
    if (key === "Tab") window.setTimeout(() => list.contains(document.activeElement) || (list.open = false));
    if (key !== "Escape") return;
    this.summary.focus();
    list.open = false;
  }

  name(...ids) {
    this.summary.setAttribute("aria-labelledby", [...ids, this.summary.id].join(" "));
    this.ticks.setAttribute("aria-labelledby", ids.join(" "));
  }

  /** Its summary says what is chosen, too: head and row name it. */
  call() {}

  offer(offers) {
    this.offers = offers;
  }

  fill(value) {
    this.value = value;
    if (this.isInUse) return;
    const values = value === undefined || value === "" ? [] : [value].flat();
    const offers = this.offers ?? [];
    const known = new Set(offers.map((one) => one.id));
    const missing = values.filter((one) => !known.has(one));
    const rows = this.about.closed ? [...offers, ...missing.map((id) => ({ id, text: id }))] : offers;
    if (alike(rows, this.rows) && alike(this.read(), value)) return;
    this.rows = rows;
    this.words = Object.fromEntries(rows.map((one) => [one.id, one.text]));
    this.ticks.replaceChildren(...rows.map((one) => this.tick(one, values.includes(one.id))));
    this.other.value = this.about.closed ? "" : missing.join(", ");
    this.more.textContent = rows.length ? "Others, with commas between" : "With commas between";
    this.show();
  }

  tick(one, isOn) {
    const input = el("input", { type: "checkbox", value: one.id });
    input.checked = isOn;
    input.addEventListener("input", () => this.settle(input));
    return el("label", { class: "check" }, input, el("span", {}, one.text));
  }

  /** What stands in place of a list stands alone. */
  settle(changed) {
    const { instead } = this.about;
    if (instead && changed.checked) {
      for (const input of this.ticks.querySelectorAll("input")) {
        if ((input.value === instead) !== (changed.value === instead)) input.checked = false;
      }
      if (changed.value === instead) this.other.value = "";
    }
  }

  show() {
    const found = [this.read()].flat().filter(Boolean);
    this.shown.textContent = found.map((id) => this.words[id] ?? id).join(", ") || "Choose";
  }

  read() {
    const ticked = [...this.ticks.querySelectorAll("input:checked")].map((input) => input.value);
    if (this.about.instead && ticked.includes(this.about.instead)) return this.about.instead;
    const others = this.other.value.split(",").map((text) => text.trim()).filter(Boolean);
    const all = [...new Set([...ticked, ...others])];
    const before = Array.isArray(this.value) ? this.value : [];
    const kept = before.filter((one) => all.includes(one)); // in the order of the file
    return all.length ? [...kept, ...all.filter((one) => !kept.includes(one))] : "";
  }

  get isHalf() {
    return false;
  }

  get pause() {
    return document.activeElement === this.other ? "left" : 0;
  }

  get inputs() {
    return [this.summary];
  }
}

export function cellOf(about, row) {
  const isList = about.kind === "ids" || about.kind === "roles";
  return isList && !about.fixed ? new ListCell(about, row) : new Cell(about, row);
}

/** Whether two values of cells are the same. */
export function alike(one, other) {
  return JSON.stringify(one ?? "") === JSON.stringify(other ?? "");
}
