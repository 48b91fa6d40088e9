// One projector: a card, a row of radios for each person present, then what was agreed.

import { button, capital, el, mark, say } from "./dom.js";
import { agreedKind, answerKind } from "./answer.js";
import { Agreement } from "./agreement.js";
import { Drafts } from "./drafts.js";
import { Entry } from "./entry.js";
import { Link } from "./link.js";
import { seen } from "./people.js";
import { reveal } from "./reveal.js";
import { Vote } from "./vote.js";

const AGREED = "answers/agreed.yaml";
const WORST_FIRST = ["bad", "busy", "held"];

export class Room {
  constructor(model, node) {
    this.node = node;
    this.entries = new Map(); // by person and question: what was typed in this room
    this.revealed = new Set();
    this.link = new Link(model, {
      receive: (message) => this.receive(message),
      gone: () => this.alarmAbout("The kernel does not answer. What is not in the file yet is kept in this browser. Do: restart the kernel and run the cells from the top to this one; what is kept comes back."),
      back: () => {
        this.alarmAbout("");
        for (const entry of this.unsaved()) entry.flush({ force: true });
      },
    });
    this.onLeave = (event) => {
      this.flush();
      if (this.unsaved().length) event.preventDefault();
    };
    this.onHide = () => this.flush();
    window.addEventListener("beforeunload", this.onLeave);
    window.addEventListener("pagehide", this.onHide);
    this.alarm = el("div", { class: "alarm", role: "alert" });
    this.status = el("p", { class: "status", role: "status" });
    this.tally = el("p", { class: "unsaved" });
    node.append(el("p", { class: "hint" }, "Opening the room …"));
    this.link.insist({ kind: "open" }, () => this.cards);
  }

  close() {
    this.flush();
    window.removeEventListener("beforeunload", this.onLeave);
    window.removeEventListener("pagehide", this.onHide);
    this.link.close();
  }

  alarmAbout(words) {
    this.alarm.replaceChildren(...(words ? [el("p", {}, mark("warning", words))] : []));
  }

  receive(message) {
    const act = {
      room: () => this.cards || this.invite(message),
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
    const entry = this.entries.get(`${who}/${message.question}`);
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
    if (!this.entries.has(key)) {
      const made = new Entry(this, { ...about, question: card.id, drafts: this.draftsOf(owner) });
      made.base = base;
      this.entries.set(key, made);
    }
    return this.entries.get(key);
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

  unsaved() {
    return [...this.entries.values()].filter((entry) => entry.isUnsaved);
  }

  unkept() {
    this.alarmAbout("This browser keeps no drafts: its storage is full or switched off. Votes are saved as usual; wait for “Saved” before you close the page.");
  }

  flush() {
    for (const entry of this.entries.values()) entry.flush();
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
    const here = [...this.entries.values()].filter((entry) => entry.question === this.card.id);
    const worst = WORST_FIRST.flatMap((state) => here.filter((entry) => entry.said.state === state));
    const entry = worst[0] ?? (latest.said.words ? latest : null);
    if (!entry) return;
    const person = this.present.find(({ id }) => id === entry.who);
    const isTrouble = ["bad", "held"].includes(entry.said.state);
    say(this.status, isTrouble && person ? `${person.title}: ${entry.said.words}` : entry.said.words, entry.said.state);
  }

  // --- who is here ----------------------------------------------------------------

  invite(message) {
    Object.assign(this, message);
    const boxes = message.people.map((person) => {
      const kept = Object.keys(this.draftsOf(person.id).all()).length;
      const box = el("input", { type: "checkbox", value: person.id });
      box.checked = kept > 0;
      const left = kept ? el("span", { class: "left" }, ", a vote given here is not in the file yet") : null;
      return el("label", {}, box, el("span", {}, el("b", {}, person.title), ` ${person.id}`, left));
    });
    const problem = el("p", { class: "problem", role: "alert" });
    const begin = () => {
      const chosen = boxes.filter((one) => one.firstChild.checked).map((one) => one.firstChild.value);
      if (chosen.length) this.link.send({ kind: "enter", present: chosen });
      else problem.textContent = "Nobody is chosen; tick who is in the room.";
    };
    this.node.replaceChildren(
      this.alarm,
      el(
        "div",
        { class: "chooser" },
        el("fieldset", {}, el("legend", {}, "Who is in the room?"), boxes),
        message.people.length ? null : el("p", {}, "Nobody is known yet. Do: enter the roles and who holds them in stakeholders.yaml, then run this cell again."),
        problem,
        seen(message.privacy),
        button("Begin", begin, { class: "main" }),
      ),
    );
    this.node.dataset.ready = "yes";
  }

  enter(message) {
    this.present = this.people.filter((person) => person.id in message.files);
    this.files = message.files;
    this.marks = message.agreed;
    const asked = new Set(this.asked);
    this.shown = this.cards.filter((card) => asked.has(card.id) && (this.track === "full" || card.starter));
    this.restore();
    this.show(0);
  }

  // --- one question ---------------------------------------------------------------

  show(at) {
    this.flush();
    this.at = Math.min(Math.max(at, 0), this.shown.length - 1);
    const card = this.shown[this.at];
    this.card = card;
    this.agreement = null;
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
        el("p", { class: "tags" }, `Question ${this.at + 1} of ${this.shown.length}`, el("span", {}, `${card.asks} decides`), card.gate ? el("span", { class: "tag" }, "Gate") : null),
        el("p", { class: "ask" }, el("span", { class: "id" }, card.id), el("b", {}, card.title)),
        heading,
        el("ol", { class: "levels", start: "0" }, card.levels.map((level) => el("li", {}, el("b", {}, capital(level.word)), " ", level.text))),
        votes.map((vote) => vote.node),
        el("div", { class: "foot" }, el("div", { class: "folds" }, this.open, this.tally), this.status),
        this.result,
        this.below,
        el("div", { class: "steps" }, this.step("Back", -1), this.step("Next question", 1)),
      ),
    );
    heading.focus();
    this.progress();
    if (this.revealed.has(card.id)) this.askReveal();
  }

  step(words, by) {
    const to = this.at + by;
    const made = button(words, () => this.show(to));
    made.disabled = to < 0 || to >= this.shown.length;
    return made;
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
