// One person's vote in the room: a row of radios, saved into that person's own file.

import { el, newId, radio } from "./dom.js";
import { WaiveFields } from "./fields.js";
import { Trouble } from "./trouble.js";

/** What a question can be answered with, as value and short words. */
export function choices(card, words) {
  const levels = card.levels.map((level, at) => [at, `${at} ${level.word}`]);
  const rest = [["unknown", words.unknown]];
  if (card.waivable) rest.push(["does-not-apply", words["does-not-apply"]]);
  return [...levels, ...rest];
}

/** A row of radios for an entry, under its name. */
export class Row {
  constructor(entry, card, room, legend) {
    this.entry = entry;
    const name = newId("vote");
    const radios = choices(card, room.words).map(([value, words]) =>
      radio(name, String(value), false, () => entry.type({ answer: value }, 0), el("span", {}, words)),
    );
    this.node = el("fieldset", { class: "vote" }, el("legend", {}, legend), radios);
  }

  fill(draft) {
    for (const input of this.node.querySelectorAll("input[type=radio]")) {
      input.checked = draft.answer !== undefined && input.value === String(draft.answer);
    }
  }
}

export class Vote {
  constructor(person, card, entry, room) {
    this.person = person;
    this.entry = entry;
    this.room = room;
    const before = entry.base && !entry.isUnsaved && entry.draft.answer === undefined;
    this.row = new Row(entry, card, room, [person.title, el("span", {}, ` ${person.id}${before ? ", has answered before" : ""}`)]);
    this.waive = new WaiveFields(card, room, entry);
    this.trouble = new Trouble();
    this.node = this.row.node;
    this.node.append(this.waive.node, this.trouble.node);
    entry.show(this);
  }

  fill() {
    this.row.fill(this.entry.draft);
    this.waive.fill(this.entry.draft);
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

  /** The other version is not told: nobody has seen an answer before the reveal. */
  conflicted() {
    const theirs = [`${this.person.title} has answered this elsewhere meanwhile.`];
    this.trouble.conflicted(this.entry, theirs, ["The vote given here"], () => this.row.node.querySelector("input").focus());
  }
}
