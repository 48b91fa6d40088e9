// The form of one section: cards, and what connects them to the kernel.

import { el } from "./dom.js";
import { Card } from "./card.js";
import { Desk } from "./desk.js";
import { Drafts, recallWho, rememberWho, same } from "./entry.js";
import { Head } from "./head.js";
import { chooser } from "./people.js";
import { Scope } from "./scope.js";

const CHOSEN = "readybook:who";

export class Form extends Desk {
  constructor(model, node) {
    super(model, node, "Opening the form …");
    this.cards = new Map();
    this.place = window.location.pathname;
    const onChosen = ({ detail }) => this.follow(detail);
    window.addEventListener(CHOSEN, onChosen);
    this.heard.push([window, CHOSEN, onChosen]);
    const isAsking = () => this.who || node.querySelector(".chooser, .alarm");
    this.link.insist({ kind: "open", who: recallWho(this.place), role: "" }, isAsking);
  }

  get isOpen() {
    return Boolean(this.head);
  }

  get reads() {
    return ["assessment.yaml", "stakeholders.yaml"];
  }

  // --- messages -------------------------------------------------------------------

  receive(message) {
    const mine = message.who === undefined || !this.who || message.who === this.who.id;
    if (message.kind === "people" && !this.who && !this.isAsking(message)) this.ask(message);
    else if (message.kind === "cards" && !this.who && (this.wanted ?? message.who) === message.who) this.open(message);
    else if (this.who && mine) this.update(message);
    else if (message.kind === "refused" && !this.who) this.stop(message.problems);
  }

  update(message) {
    const { kind } = message;
    if (kind === "changed" || kind === "case") this.load(message);
    else if (kind === "standing") this.effect(message);
    else if (kind === "refused" && !message.question) this.head.effect({ problems: message.problems });
    else this.settle(message);
  }

  /** Tell an entry what came of its save; another tab's save is news for it. */
  settle(message) {
    const entry = this.entries().find((one) => one.part === message.part && one.question === message.question);
    if (!entry) return;
    const isOwn = message.client === this.link.client;
    if (message.kind === "saved" && !isOwn) entry.load(message.stored, message.mark);
    else if (message.kind === "saved") {
      entry.saved(message);
      if (message.part === "answer" && this.due.has(message.question)) this.look();
      if (message.part === "scope") this.tellWritten(entry.file);
    } else if (isOwn && message.kind === "conflict") entry.conflicted(message.theirs, message.mark);
    else if (isOwn && message.kind === "refused") entry.refused(message.problems);
  }

  entries() {
    return [...this.cards.values()].flatMap((card) => card.entries).concat(this.scope?.entries ?? []);
  }

  // --- who ------------------------------------------------------------------------

  /** Whether the chooser stands there, and is in use or has nobody new to offer. */
  isAsking({ problem, people }) {
    const shown = this.node.querySelector(".chooser");
    return shown && !problem && (shown.contains(document.activeElement) || same(people, this.people));
  }

  ask(message) {
    const begin = (who, role) => {
      this.isHere = true;
      this.wanted = undefined; // the kernel may know the name in another form
      this.link.send({ kind: "open", who, role });
    };
    this.folder = message.folder;
    this.people = message.people;
    this.node.replaceChildren(chooser(message, begin));
    if (this.isHere) this.node.querySelector("input").focus();
  }

  change(who = "", role = "") {
    this.flush();
    rememberWho(this.place, who);
    this.wanted = who; // and nobody of whom the kernel was asked before
    this.who = null;
    this.head = null;
    this.scope = null;
    this.cards.clear();
    this.node.replaceChildren();
    this.link.send({ kind: "open", who, role });
  }

  /** Who answers is chosen once for all forms of a page that are of one folder. */
  follow({ folder, who, role }) {
    const isKnown = who === (this.who?.id ?? this.wanted);
    if (!this.fixed && folder === this.folder && !isKnown) this.change(who, role);
  }

  open(message) {
    this.who = { id: message.who, role: message.role, title: message.title };
    for (const key of ["file", "fixed", "privacy", "track", "roles", "reasons", "words", "stored"]) this[key] = message[key];
    this.folder = message.folder;
    // No person's file can have a colon in its name.
    this.drafts = new Drafts(message.folder, message.who);
    this.confirmDrafts = new Drafts(message.folder, `${message.who}:confirm`);
    this.scopeDrafts = new Drafts(message.folder, ":scope");
    this.asked = new Set(message.asked);
    this.splits = new Set();
    this.due = new Set();
    for (const about of message.cards) this.cards.set(about.id, new Card(about, this));
    this.scope = new Scope(message.scope, this);
    this.head = new Head(this);
    const list = el("div", { class: "cards" }, [...this.cards.values()].map((card) => card.node));
    this.node.replaceChildren(this.head.node, list);
    this.load(message);
    this.restore();
    this.show();
    this.node.dataset.ready = "yes";
    if (!message.fixed) rememberWho(this.place, message.who);
    if (!this.isHere) return;
    this.isHere = false;
    this.head.focus();
    window.dispatchEvent(new CustomEvent(CHOSEN, { detail: message }));
  }

  answered() {
    return Object.keys(this.stored ?? {});
  }

  // --- state ----------------------------------------------------------------------

  load(message) {
    if (message.stored) this.loadAnswers(message);
    this.scope.load(message.chosen, message.chosen_marks);
    const isAnotherTrack = message.track !== this.track;
    this.track = message.track;
    this.askOnly(message.asked);
    if (isAnotherTrack) this.head.followTrack();
  }

  loadAnswers(message) {
    this.due = new Set(message.due);
    for (const [id, card] of this.cards) {
      card.entry.load(message.stored[id] ?? null, message.marks[id] ?? "");
      card.seen.load(message.confirmed[id] ?? null, message.confirmed_marks[id] ?? "");
      card.showDue(this.due.has(id));
    }
  }

  /** Show the questions that are asked now; what was typed into others stays. */
  askOnly(asked) {
    const before = this.asked;
    this.asked = new Set(asked);
    const isSame = before.size === this.asked.size && asked.every((id) => before.has(id));
    if (!isSame) this.scope.tellAsked(before, this.asked);
    this.show();
  }

  restore() {
    const drafts = Object.entries(this.drafts.all());
    if (drafts.some(([question]) => this.cards.get(question)?.isMine === false)) this.head.showAll();
    for (const [question, [newest, ...older]] of drafts) {
      const card = this.cards.get(question);
      card?.entry.restore(newest);
      card?.showOlder(older);
    }
    for (const [question, [newest]] of Object.entries(this.confirmDrafts.all())) {
      this.cards.get(question)?.seen.restore(newest);
    }
    this.scope.restore(this.scopeDrafts.all());
  }

  unkept() {
    if (this.isUnkept) return;
    this.isUnkept = true;
    this.alarmAbout("This browser keeps no drafts", "Its storage is full or switched off. Answers are saved as usual; wait for “Saved” before you close the page.");
  }

  effect(message) {
    this.head.effect(message);
    if (message.problems.length) return;
    this.splits = new Set(message.splits);
    for (const [id, card] of this.cards) card.reveal(message.reveal[id]);
    this.askOnly(message.asked);
  }

  /** Show the cards that filter, track and scope facts ask for. */
  show() {
    const track = this.onTrack();
    const shown = track.filter((card) => this.passes(card, this.head.filter));
    for (const card of this.cards.values()) {
      // A card in use stays where it is, also when its answer no longer fits the filter.
      card.node.hidden = !shown.includes(card) && !card.node.contains(document.activeElement);
    }
    this.head.tellNone(shown.length);
    this.progress();
  }

  onTrack() {
    return [...this.cards.values()].filter((card) => this.asked.has(card.about.id) && (this.head.isFull || card.about.starter));
  }

  passes(card, filter) {
    switch (filter) {
      case "mine":
        return card.isMine;
      case "open":
        return !card.isAnswered;
      case "gates":
        return card.about.gate;
      case "splits":
        return this.splits.has(card.about.id);
      case "due":
        return card.isDue;
      default:
        return true;
    }
  }

  progress() {
    if (!this.head || this.isCounting) return;
    this.isCounting = true; // once for many cards at a time
    queueMicrotask(() => {
      this.isCounting = false;
      if (!this.who) return;
      const track = this.onTrack();
      const number = (filter) => track.filter((card) => this.passes(card, filter)).length;
      const total = Object.fromEntries(["all", "mine", "open", "gates", "splits", "due"].map((filter) => [filter, number(filter)]));
      this.head.progress(track, this.unsaved().length, total);
    });
  }

  look() {
    if (this.link.isGone) return;
    if (this.who) this.link.send({ kind: "look", who: this.who.id });
    else if (this.people) this.link.send({ kind: "open", who: "", role: "" });
  }
}
