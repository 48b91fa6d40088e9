// One thing that is typed: kept in this browser, sent, acknowledged, or to be settled.

import { clock } from "./dom.js";

const PREFIX = "readybook/1/";

function remember(key, value) {
  try {
    window.localStorage.setItem(PREFIX + key, value);
    return true;
  } catch {
    return false; // full, or switched off; the form says so
  }
}

function recall(key) {
  try {
    return window.localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

export function rememberWho(place, who) {
  remember(`who/${place}`, who);
}

export function recallWho(place) {
  return recall(`who/${place}`) ?? "";
}

/** The drafts of one person in one folder. */
export class Drafts {
  constructor(folder, who) {
    this.home = `draft/${folder}/${who}/`;
  }

  /** Keep a draft; false where the browser keeps nothing. */
  keep(draft) {
    return remember(`${this.home}${draft.question}/${draft.client}`, JSON.stringify(draft));
  }

  /** Forget a draft, unless something newer was typed in its place. */
  forget(question, client, counter) {
    const key = `${PREFIX}${this.home}${question}/${client}`;
    try {
      const draft = JSON.parse(window.localStorage.getItem(key));
      if (draft && draft.counter <= counter) window.localStorage.removeItem(key);
    } catch {
      // nothing was kept
    }
  }

  /** Every draft by question, the newest first. */
  all() {
    const found = {};
    try {
      for (const key of Object.keys(window.localStorage)) {
        if (!key.startsWith(PREFIX + this.home)) continue;
        const draft = JSON.parse(window.localStorage.getItem(key));
        (found[draft.question] ??= []).push(draft);
      }
    } catch {
      // nothing was kept
    }
    for (const drafts of Object.values(found)) {
      drafts.sort((a, b) => b.counter - a.counter);
    }
    return found;
  }
}

/** Whether two say the same: plain data, whatever the order of their keys. */
export function same(one, other) {
  return sorted(one) === sorted(other);
}

function sorted(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${key}:${sorted(value[key])}`).join()}}`;
}

const UNSEEN = { fill() {}, paint() {}, tell() {}, clear() {}, refused() {}, conflicted() {} };

export class Entry {
  /**
   * `desk` has the link, is told of progress, and of drafts that no browser keeps.
   * `kind` says what of a draft can be saved: plain(draft), ready(draft), lacks(draft).
   * A view shows it, once it has one: fill, paint, tell, clear, refused, conflicted.
   */
  constructor(desk, { who, part, question, file, drafts, kind }) {
    Object.assign(this, { desk, who, part, question, file, drafts, kind });
    this.view = UNSEEN;
    this.stored = null;
    this.base = ""; // mark of what the file had when this was last in step with it
    this.draft = {};
    this.waiting = 0; // the counter that is not acknowledged yet; 0: none
    this.typing = null;
    this.conflict = null;
    this.said = { words: "", state: "" };
  }

  get isUnsaved() {
    return this.waiting !== 0;
  }

  // --- typing ---------------------------------------------------------------------

  /** Keep what was typed at once, and send it after a pause. */
  type(change, pause) {
    this.draft = { ...this.draft, ...change };
    this.isRemoved = false;
    this.waiting = this.desk.link.count();
    this.keep();
    this.paint();
    window.clearTimeout(this.typing);
    this.typing = window.setTimeout(() => this.flush(), pause);
    if (pause === 0) this.flush();
  }

  keep() {
    const { question, base, sent = null, isRemoved = false } = this;
    const answer = this.kind.plain(this.draft);
    const kept = this.drafts.keep({ question, client: this.desk.link.client, counter: this.waiting, base, answer, sent, isRemoved, at: clock() });
    if (!kept) this.desk.unkept();
  }

  /** Send what was typed and not sent yet. */
  flush({ redate = false, force = false } = {}) {
    if (this.typing === null && !force) return;
    window.clearTimeout(this.typing);
    this.typing = null;
    const { answer, waits } = this.isRemoved ? { answer: null, waits: [] } : this.kind.ready(this.draft);
    this.waits = waits;
    if ((!answer && !this.isRemoved) || (this.conflict && !force)) {
      this.hold();
      return;
    }
    this.sent = answer;
    this.keep();
    const { who, part, question, waiting: counter, base } = this;
    this.desk.save(this, { kind: "save", who, part, question, counter, base, answer, redate });
    this.desk.progress();
  }

  hold() {
    if (!this.conflict) this.tell(`Kept in this browser, not in the file: ${this.waits.join("; ")}.`, "held");
    this.desk.progress();
  }

  /** Take back what is on file. */
  remove() {
    this.draft = {};
    this.isRemoved = true;
    this.waiting = this.desk.link.count();
    this.view.fill();
    this.flush({ force: true });
  }

  /** Send it again with today's date. */
  redate() {
    this.waiting = this.desk.link.count();
    this.flush({ redate: true, force: true });
  }

  // --- what the kernel says -------------------------------------------------------

  /** Show what is on file; what was typed since stays, and saving will tell them apart. */
  load(stored, mark) {
    if (this.waiting || (mark === this.base && this.stored !== null)) return;
    this.stored = stored ?? null;
    this.base = mark ?? "";
    this.draft = { ...(stored ?? {}) };
    this.view.fill();
    this.paint();
  }

  saved(message) {
    this.stored = message.stored;
    this.base = message.mark;
    this.conflict = null;
    this.view.clear();
    if (message.counter >= this.waiting && this.typing === null) this.finish(message);
    this.paint();
  }

  finish(message) {
    this.drafts.forget(this.question, message.client, message.counter);
    const where = message.stored ? `Saved ${message.at} to ${message.file}` : `Removed ${message.at} from ${message.file}`;
    const begun = this.restored ? `Draft restored. ${where}` : where;
    const waits = this.isRemoved ? [] : this.kind.ready(this.draft).waits;
    this.restored = false;
    this.isRemoved = false;
    this.waiting = waits.length ? this.desk.link.count() : 0;
    if (waits.length) {
      this.keep();
      this.tell(`${where}; ${waits.join("; ")} (kept in this browser).`, "held");
    } else {
      this.tell(`${begun}.${message.stored ? this.kind.lacks(this.draft) : ""}`, "good");
    }
  }

  refused(problems) {
    this.tell("Not saved. What you typed is kept in this browser.", "bad");
    this.view.refused(problems, () => this.flush({ force: true }));
    this.desk.progress();
  }

  conflicted(theirs, mark) {
    this.conflict = { theirs, mark };
    this.tell("Not saved: this was changed elsewhere. Both are kept; choose one.", "bad");
    this.view.conflicted(theirs, this.kind.plain(this.draft));
    this.desk.progress();
  }

  keepTheirs() {
    const { theirs, mark } = this.conflict;
    this.drafts.forget(this.question, this.desk.link.client, this.waiting);
    this.settle(mark);
    this.waiting = 0;
    this.stored = theirs;
    this.draft = { ...(theirs ?? {}) };
    this.view.fill();
    this.tell(`Kept what ${this.file} says.`, "good");
    this.paint();
  }

  useMine() {
    this.settle(this.conflict.mark);
    this.waiting = this.desk.link.count();
    this.flush({ force: true });
  }

  settle(base) {
    this.base = base;
    this.conflict = null;
    this.view.clear();
  }

  // --- what an earlier page left behind ---------------------------------------------

  /** Take up a draft; saving tells whether the file was changed since it was begun. */
  restore(draft) {
    const { plain } = this.kind;
    const isOurs = draft.sent && this.stored && same(plain(draft.sent), plain(this.stored));
    if (!isOurs) this.base = draft.base;
    this.draft = { ...draft.answer };
    if (this.stored?.proof && draft.answer.proof) {
      this.draft.proof = { ...this.stored.proof, ...draft.answer.proof };
    }
    this.restored = true;
    this.isRemoved = Boolean(draft.isRemoved);
    this.waiting = this.desk.link.count();
    this.keep();
    if (draft.client !== this.desk.link.client) this.drafts.forget(draft.question, draft.client, draft.counter);
    this.view.fill();
    this.paint();
    this.tell(`Draft restored from ${draft.at}.`, "busy");
    this.flush({ force: true });
  }

  // --- showing --------------------------------------------------------------------

  /** Give it a view: it shows what is typed, and how far that is. */
  show(view) {
    this.view = view;
    view.fill();
    view.paint();
    view.tell(this.said.words, this.said.state);
    if (this.conflict) view.conflicted(this.conflict.theirs, this.kind.plain(this.draft));
  }

  tell(words, state) {
    this.said = { words, state };
    this.view.tell(words, state);
  }

  paint() {
    this.view.paint();
    this.desk.progress();
  }
}
