// Fields that stand beside an answer: why it does not apply, and what proves it.

import { TEXT_MS, el, field, put } from "./dom.js";

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
      this.approver && field("Approved by (needed on a gate)", this.approver),
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
