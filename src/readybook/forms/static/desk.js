// What form, room and table have in common: the kernel, the page, what is not saved yet.

import { el, mark } from "./dom.js";
import { Link } from "./link.js";

const WRITTEN = "readybook:written";

export class Desk {
  constructor(model, node, words) {
    this.node = node;
    this.alarm = el("div", { class: "alarm", role: "alert" });
    this.link = new Link(model, {
      receive: (message) => this.receive(message),
      gone: () => this.lost(),
      back: () => this.found(),
    });
    const onLeave = (event) => {
      this.flush();
      if (this.unsaved().length) event.preventDefault();
    };
    const onHide = () => {
      this.flush();
      if (document.visibilityState === "visible") this.look();
    };
    const onWritten = ({ detail: { by, folder, file } }) => {
      if (by !== this && folder === this.folder && this.reads.includes(file)) this.look();
    };
    this.heard = [
      [window, "beforeunload", onLeave],
      [window, "pagehide", onHide],
      [document, "visibilitychange", onHide],
      [window, "focus", () => this.look()],
      [window, WRITTEN, onWritten],
    ];
    for (const [where, what, act] of this.heard) where.addEventListener(what, act);
    node.append(el("p", { class: "hint" }, words));
  }

  close() {
    this.flush();
    this.link.close();
    for (const [where, what, act] of this.heard) where.removeEventListener(what, act);
  }

  /** Ask what the file holds now. */
  look() {}

  /** Names of the files that others on this page may write, and that are shown here. */
  get reads() {
    return [];
  }

  /** Let whatever else on this page shows a file ask what it holds now. */
  tellWritten(file) {
    window.dispatchEvent(new CustomEvent(WRITTEN, { detail: { by: this, folder: this.folder, file } }));
  }

  unsaved() {
    return this.entries().filter((entry) => entry.isUnsaved);
  }

  flush() {
    for (const entry of this.entries()) entry.flush();
  }

  stop(problems, ...more) {
    this.node.replaceChildren(el("div", { class: "alarm", role: "alert" }, problems.map((line) => el("p", {}, line)), more));
  }

  alarmAbout(words, ...lines) {
    const said = [words, ...lines].join("\n");
    if (this.alarmed === said) return;
    this.alarmed = said;
    const head = words && el(lines.length ? "h3" : "p", {}, mark("warning", words));
    this.alarm.replaceChildren(...(words ? [head, ...lines.map((line) => el("p", {}, line))] : []));
  }

  // --- the kernel -----------------------------------------------------------------

  lost() {
    const count = this.unsaved().length;
    const kept = count ? `What you typed is kept in this browser (${count} not in the file yet).` : "Everything is in the file.";
    const todo = `${kept} Do: choose Kernel, Restart Kernel, then run the cells from the top to this one; what is kept comes back. Or wait, if a cell is still at work.`;
    if (this.isOpen) this.alarmAbout("The kernel does not answer", todo);
    else this.stop(["The kernel does not answer. Do: choose Kernel, Restart Kernel, then run the cells from the top to this one."]);
    for (const entry of this.unsaved()) this.tellKept(entry);
  }

  tellKept(entry) {
    entry.tell("Not saved: the kernel does not answer. Kept in this browser.", "bad");
  }

  /** Send what an entry holds; it says what becomes of it, also where nobody answers. */
  save(entry, message) {
    entry.tell("Saving …", "busy");
    this.link.send(message);
    if (!this.link.isGone) return;
    this.lost(); // one more is kept
    this.tellKept(entry);
  }

  found() {
    if (!this.isOpen) return;
    this.alarmAbout("");
    for (const entry of this.unsaved()) entry.flush({ force: true });
  }
}
