// What the room agreed on one question, with its reason and, where there is one, proof.

import { TEXT_MS, el, field, put } from "./dom.js";
import { told } from "./answer.js";
import { ProofFields, WaiveFields, textarea } from "./fields.js";
import { Trouble } from "./trouble.js";
import { Row } from "./vote.js";

export class Agreement {
  constructor(card, entry, room) {
    this.card = card;
    this.entry = entry;
    this.room = room;
    this.row = new Row(entry, card, room, "What we agreed");
    this.waive = new WaiveFields(card, room, entry, false);
    this.because = textarea(2, (because) => entry.type({ because }, TEXT_MS));
    this.proof = new ProofFields(entry);
    this.trouble = new Trouble();
    this.node = el(
      "div",
      { class: "agreement", "data-question": card.id },
      this.row.node,
      this.waive.node,
      field("Because", this.because),
      el("details", { class: "more" }, el("summary", {}, "Proof"), this.proof.node),
      this.trouble.node,
    );
    this.node.addEventListener("focusout", () => entry.flush());
    entry.show(this);
  }

  fill() {
    const { draft } = this.entry;
    this.row.fill(draft);
    this.waive.fill(draft);
    this.proof.fill(draft);
    put(this.because, draft.because);
  }

  paint() {
    this.waive.paint(this.entry.draft);
  }

  tell() {
    this.room.sum(this.entry);
  }

  clear() {
    this.trouble.clear();
  }

  refused(problems, again) {
    this.trouble.refused(problems, again);
  }

  conflicted(theirs, mine) {
    const lines = (one) => told(one, this.card, this.room.words);
    this.trouble.conflicted(this.entry, lines(theirs), lines(mine), () => this.because.focus());
  }
}
