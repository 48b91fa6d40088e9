// What shows an entry, and fields beside an answer: why it does not apply, what proves it.

import { TEXT_MS, button, el, field, mark, put } from "./dom.js";

/** Shows an entry; what stands in the way of a save is told in place, with what to do. */
export class View {
  constructor(entry) {
    this.entry = entry;
    this.help = el("div", { class: "trouble", hidden: true });
  }

  paint() {}

  clear() {
    this.help.hidden = true;
  }

  refused(problems, again) {
    this.trouble("This could not be saved", problems.map((line) => el("p", {}, line)), button("Try again", again));
  }

  conflicted(theirs, mine) {
    const choose = (act) => () => {
      act();
      this.focus();
    };
    const keep = button("Keep theirs", choose(() => this.entry.keepTheirs()));
    const use = button("Use mine", choose(() => this.entry.useMine()));
    this.compare("answer", this.entry.file, this.theirs(theirs), this.lines(mine), keep, use);
  }

  /** The lines that tell the other's version. */
  theirs(theirs) {
    return this.lines(theirs);
  }

  /** Show two versions side by side, each in lines, and what can be done. */
  compare(noun, file, theirs, mine, ...acts) {
    const side = (name, lines) => el("div", {}, el("h4", {}, name), lines.map((line) => el("p", {}, line)));
    this.trouble(`Two versions of this ${noun}`, el("div", { class: "sides" }, side(`In ${file}`, theirs), side("Yours, typed here", mine)), ...acts);
  }

  trouble(title, ...parts) {
    this.help.replaceChildren(el("h3", {}, mark("warning", title)), ...parts.flat());
    this.help.hidden = false;
    this.help.scrollIntoView({ block: "nearest" }); // below what is folded out it is not seen
  }
}

export function textarea(rows, type) {
  return el("textarea", { rows, oninput: (event) => type(event.target.value) });
}

/** Why a question does not apply; `hasText`: false where the text is asked elsewhere. */
export class WaiveFields {
  constructor(about, lists, entry, hasText = true) {
    this.entry = entry;
    this.reason = el(
      "select",
      { onchange: () => entry.type({ reason: this.reason.value }, 0) },
      el("option", { value: "" }, "Choose a reason"),
      Object.entries(lists.reasons).map(([id, words]) => el("option", { value: id }, words)),
    );
    this.because = hasText ? textarea(2, (because) => entry.type({ because }, TEXT_MS)) : null;
    this.approver = about.gate
      ? el(
        "select",
        { onchange: () => entry.type({ approved_by: this.approver.value }, 0) },
        el("option", { value: "" }, "Nobody yet"),
        lists.roles.map((role) => el("option", { value: role.id }, role.title)),
      )
      : null;
    this.node = el(
      "div",
      { class: "waive", hidden: true },
      field("Why it does not apply", this.reason),
      this.because && field("In words", this.because),
      this.approver && field("Approved by (a gate asks for it)", this.approver),
    );
  }

  fill(draft) {
    put(this.reason, draft.reason);
    put(this.because, draft.because);
    put(this.approver, draft.approved_by);
  }

  paint(draft) {
    this.node.hidden = draft.answer !== "does-not-apply";
  }
}

/** Where a proof lies and of when it is. */
export class ProofFields {
  constructor(entry) {
    const type = () => {
      const reference = this.reference.value.trim();
      const date = this.date.value;
      const proof = reference || date ? { ...(entry.draft.proof ?? {}), reference, date } : null;
      entry.type({ proof }, TEXT_MS);
    };
    this.reference = el("input", { type: "text", autocomplete: "off", placeholder: "link, file, or: legal holds it, file no. 7", oninput: type });
    this.date = el("input", { type: "date", oninput: type });
    this.node = el("div", { class: "proof" }, field("Proof: where it lies", this.reference), field("Date of the document", this.date));
  }

  fill(draft) {
    put(this.reference, draft.proof?.reference);
    put(this.date, draft.proof?.date);
  }
}
