// One projector: a card, a row of radios for each person present, then what was agreed.

import { TEXT_MS, button, capital, el, field, mark, newId, put, radio, say } from "./dom.js";
import { agreedKind, answerKind, told } from "./answer.js";
import { Desk } from "./desk.js";
import { Drafts, Entry, same } from "./entry.js";
import { ProofFields, View, WaiveFields, textarea } from "./fields.js";
import { nobody, seen } from "./people.js";
import { reveal } from "./reveal.js";

const AGREED = "answers/agreed.yaml";
const WORST_FIRST = ["bad", "busy", "held"];
const SECOND_MS = 1000;

/** What a question can be answered with, as value and short words. */
function choices(card, words) {
  const levels = card.levels.map((level, at) => [at, `${at} ${level.word}`]);
  const rest = [["unknown", words.unknown]];
  if (card.waivable) rest.push(["does-not-apply", words["does-not-apply"]]);
  return [...levels, ...rest];
}

/** A row of radios for an entry, under its name. */
class Row {
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

/** One person's vote in the room: a row of radios, saved into that person's own file. */
class Vote extends View {
  constructor(person, card, entry, room) {
    super(entry);
    this.person = person;
    this.room = room;
    const before = entry.base && !entry.isUnsaved && entry.draft.answer === undefined;
    this.row = new Row(entry, card, room, [person.title, el("span", {}, ` ${person.id}${before ? ", has answered before" : ""}`)]);
    this.waive = new WaiveFields(card, room, entry);
    this.node = this.row.node;
    this.node.append(this.waive.node, this.help);
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

  /** The other version is not told: nobody has seen an answer before the reveal. */
  theirs() {
    return [`${this.person.title} has answered this elsewhere meanwhile.`];
  }

  lines() {
    return ["The vote given here"];
  }

  focus() {
    this.row.node.querySelector("input").focus();
  }
}

/** What the room agreed, with its reason and, where there is one, proof. */
class Agreement extends View {
  constructor(card, entry, room) {
    super(entry);
    this.card = card;
    this.room = room;
    this.row = new Row(entry, card, room, "What we agreed");
    this.waive = new WaiveFields(card, room, entry, false);
    this.because = textarea(2, (because) => entry.type({ because }, TEXT_MS));
    this.proof = new ProofFields(entry);
    this.node = el(
      "div",
      { class: "agreement", "data-question": card.id },
      this.row.node,
      this.waive.node,
      field("Because", this.because),
      el("details", { class: "more" }, el("summary", {}, "Proof"), this.proof.node),
      this.help,
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

  lines(one) {
    return told(one, this.card, this.room.words);
  }

  focus() {
    this.because.focus();
  }
}

export class Room extends Desk {
  constructor(model, node) {
    super(model, node, "Opening the room …");
    this.isOpen = true;
    this.typed = new Map(); // by person and question: what was typed in this room
    this.revealed = new Set();
    this.status = el("p", { class: "status", role: "status" });
    this.tally = el("p", { class: "unsaved" });
    this.link.insist({ kind: "open" }, () => this.cards);
  }

  lost() {
    this.alarmAbout("The kernel does not answer. What is not in the file yet is kept in this browser. Do: restart the kernel and run the cells from the top to this one; what is kept comes back.");
  }

  entries() {
    return [...this.typed.values()];
  }

  get reads() {
    return ["stakeholders.yaml"];
  }

  /** Ask who may be in the room, until somebody is. */
  look() {
    if (this.cards && !this.present && !this.link.isGone) this.link.send({ kind: "open" });
  }

  receive(message) {
    const act = {
      room: () => this.present || this.invite(message),
      entered: () => this.enter(message),
      people: () => this.alarmAbout(message.problem),
      revealed: () => this.showReveal(message),
    }[message.kind];
    if (act) act();
    else if (message.part) this.settle(message);
    else if (message.kind === "refused") this.alarmAbout(message.problems.join(" "));
  }

  /** Tell an entry what came of its save. */
  settle(message) {
    const who = message.part === "agreed" ? AGREED : message.who;
    const entry = this.typed.get(`${who}/${message.question}`);
    if (!entry || message.client !== this.link.client) return;
    if (message.kind === "conflict") entry.conflicted(message.theirs, message.mark);
    else if (message.kind === "refused") entry.refused(message.problems);
    else if (message.kind === "saved") {
      entry.saved(message);
      if (this.revealed.has(message.question) && message.question === this.card?.id) this.askReveal();
    }
  }

  // --- what was typed -------------------------------------------------------------

  vote(person, card) {
    const { file, marks } = this.files[person.id];
    return this.entry(person.id, card, { who: person.id, part: "answer", file, kind: answerKind(card) }, marks[card.id]);
  }

  agreed(card) {
    const present = [...new Set(this.present.map((person) => person.role))];
    return this.entry(AGREED, card, { who: "", part: "agreed", file: AGREED, kind: agreedKind(card, present) }, this.marks[card.id]);
  }

  entry(owner, card, about, base = "") {
    const key = `${owner}/${card.id}`;
    if (!this.typed.has(key)) {
      const made = new Entry(this, { ...about, question: card.id, drafts: this.draftsOf(owner) });
      made.base = base;
      this.typed.set(key, made);
    }
    return this.typed.get(key);
  }

  draftsOf(owner) {
    return new Drafts(this.folder, `room:${owner}`); // no person's file has a colon
  }

  /** Take up what an earlier page left behind: votes of those present, agreements. */
  restore() {
    const cards = new Map(this.cards.map((card) => [card.id, card]));
    const owners = [...this.present.map((person) => [person.id, (card) => this.vote(person, card)]), [AGREED, (card) => this.agreed(card)]];
    for (const [owner, make] of owners) {
      for (const [question, [newest]] of Object.entries(this.draftsOf(owner).all())) {
        if (cards.has(question)) make(cards.get(question)).restore(newest);
      }
    }
  }

  unkept() {
    this.alarmAbout("This browser keeps no drafts: its storage is full or switched off. Votes are saved as usual; wait for “Saved” before you close the page.");
  }

  /** Say what is not in a file yet, and whether everybody has answered. */
  progress() {
    const questions = [...new Set(this.unsaved().map((entry) => entry.question))];
    this.tally.textContent = questions.length ? `Not saved yet: ${questions.join(", ")}` : "";
    if (!this.card) return;
    const missing = this.present.filter((person) => {
      const entry = this.vote(person, this.card);
      return entry.draft.answer === undefined && !entry.base;
    });
    this.open.disabled = missing.length > 0;
    this.open.textContent = missing.length ? `Shown once all have answered: ${missing.length} to go` : "Show what was hidden";
  }

  /** One line for the whole question: the worst that is known, else the latest. */
  sum(latest) {
    if (!this.card) return;
    const here = this.entries().filter((entry) => entry.question === this.card.id);
    const worst = WORST_FIRST.flatMap((state) => here.filter((entry) => entry.said.state === state));
    const entry = worst[0] ?? (latest.said.words ? latest : null);
    if (!entry) return;
    const person = this.present.find(({ id }) => id === entry.who);
    const isTrouble = ["bad", "held"].includes(entry.said.state);
    say(this.status, isTrouble && person ? `${person.title}: ${entry.said.words}` : entry.said.words, entry.said.state);
  }

  // --- who is here ----------------------------------------------------------------

  invite(message) {
    if (same(message.people, this.people)) return;
    Object.assign(this, message);
    const chosen = () => [...this.node.querySelectorAll(".chooser input:checked")].map((one) => one.value);
    const boxes = message.people.map((person) => {
      const kept = Object.keys(this.draftsOf(person.id).all()).length;
      const box = el("input", { type: "checkbox", value: person.id });
      box.checked = kept > 0 || chosen().includes(person.id);
      const left = kept ? el("span", { class: "left" }, ", a vote given here is not in the file yet") : null;
      return el("label", {}, box, el("span", {}, el("b", {}, person.title), ` ${person.id}`, left));
    });
    const problem = el("p", { class: "problem", role: "alert" });
    const begin = () => {
      const present = chosen();
      if (present.length) this.link.send({ kind: "enter", present });
      else problem.textContent = "Nobody is chosen; tick who is in the room.";
    };
    this.node.replaceChildren(
      this.alarm,
      el(
        "div",
        { class: "chooser" },
        el("fieldset", {}, el("legend", {}, "Who is in the room?"), boxes),
        boxes.length ? null : nobody(),
        problem,
        seen(message.privacy),
        boxes.length ? button("Begin", begin, { class: "main" }) : null,
      ),
    );
    this.node.dataset.ready = "yes";
  }

  enter(message) {
    this.present = this.people.filter((person) => person.id in message.files);
    this.files = message.files;
    this.marks = message.agreed;
    const asked = new Set(this.asked);
    const places = new Map(message.agenda.map((item, at) => [item.id, at]));
    const place = (card) => places.get(card.id) ?? places.size;
    this.minutes = new Map(message.agenda.map((item) => [item.id, item.minutes]));
    // What settles most comes first; the sort keeps the order of those after it.
    this.shown = this.cards
      .filter((card) => asked.has(card.id) && (this.track === "full" || card.starter || places.has(card.id)))
      .sort((one, other) => place(one) - place(other));
    this.restore();
    // Where an earlier page was left in the middle, the room goes on.
    const left = new Set(this.unsaved().map((entry) => entry.question));
    this.show(this.shown.findIndex((card) => left.has(card.id)));
  }

  // --- one question ---------------------------------------------------------------

  show(at) {
    this.flush();
    this.at = Math.min(Math.max(at, 0), this.shown.length - 1);
    const card = this.shown[this.at];
    this.card = card;
    this.agreement = null;
    this.time = el("span", { class: "time", role: "timer" });
    this.begun = Date.now();
    this.result = el("div", { class: "after" });
    this.below = el("div", {});
    this.open = button("", () => this.askReveal(), { class: "main" });
    say(this.status, "");
    const heading = el("h3", { class: "text", tabindex: "-1" }, card.text);
    const votes = this.present.map((person) => new Vote(person, card, this.vote(person, card), this));
    this.node.replaceChildren(
      this.alarm,
      el(
        "article",
        { class: "card room", "data-question": card.id },
        el("p", { class: "tags" }, `Question ${this.at + 1} of ${this.shown.length}`, el("span", {}, `${card.asks} decides`), card.gate ? el("span", { class: "tag" }, "Gate") : null, this.time),
        el("p", { class: "ask" }, el("span", { class: "id" }, card.id), el("b", {}, card.title)),
        heading,
        el("ol", { class: "levels", start: "0" }, card.levels.map((level) => el("li", {}, el("b", {}, capital(level.word)), " ", level.text))),
        votes.map((vote) => vote.node),
        el("div", { class: "foot" }, el("div", { class: "folds" }, this.open, this.tally), this.status),
        this.result,
        this.below,
        el("div", { class: "steps" }, this.step("Back", -1), this.step("Next question", 1), this.buildJump()),
      ),
    );
    heading.focus();
    this.tick();
    this.progress();
    if (this.revealed.has(card.id)) this.askReveal();
  }

  /** Show how long the room has been on this question, as long as the page is there. */
  tick() {
    window.clearTimeout(this.next);
    const seconds = Math.floor((Date.now() - this.begun) / SECOND_MS);
    const minutes = this.minutes.get(this.card.id);
    const spent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.time.textContent = minutes ? `${spent} of ${minutes} minutes` : spent;
    this.time.classList.toggle("over", seconds >= (minutes ?? Infinity) * 60);
    if (this.node.isConnected) this.next = window.setTimeout(() => this.tick(), SECOND_MS);
  }

  step(words, by) {
    const to = this.at + by;
    const made = button(words, () => this.show(to));
    made.disabled = to < 0 || to >= this.shown.length;
    return made;
  }

  buildJump() {
    const options = this.shown.map((card, at) => el("option", { value: String(at) }, `${at + 1}. ${card.id} ${card.title}`));
    const jump = el("select", { "aria-label": "Go to question", onchange: () => this.show(Number(jump.value)) }, options);
    jump.value = String(this.at);
    return jump;
  }

  askReveal() {
    this.link.send({ kind: "reveal", question: this.card.id });
  }

  showReveal(message) {
    const { card } = this;
    if (message.question !== card.id || !message.about) return;
    this.revealed.add(card.id);
    const entry = this.agreed(card);
    entry.load(message.agreed, message.mark);
    this.result.replaceChildren(
      reveal(message.about, "What each one answered"),
      el("p", { class: "verdict" }, mark(message.look, message.headline)),
    );
    if (this.agreement) return; // somebody may be typing in it
    this.agreement = new Agreement(card, entry, this);
    this.below.replaceChildren(this.agreement.node);
  }
}
