// What stands in the way of a save, with what can be done about it, in place.

import { button, el, mark } from "./dom.js";

export class Trouble {
  constructor() {
    this.node = el("div", { class: "trouble", hidden: true });
  }

  clear() {
    this.node.hidden = true;
  }

  refused(problems, again) {
    this.show("This could not be saved", problems.map((line) => el("p", {}, line)), button("Try again", again));
  }

  /** Two versions side by side; each choice ends where `after` puts the focus. */
  conflicted(entry, theirs, mine, after) {
    const side = (name, lines) => el("div", {}, el("h4", {}, name), lines.map((line) => el("p", {}, line)));
    const choose = (act) => () => {
      act();
      after();
    };
    this.show(
      "Two versions of this answer",
      el("div", { class: "sides" }, side(`In ${entry.file}`, theirs), side("Yours, typed here", mine)),
      button("Keep theirs", choose(() => entry.keepTheirs())),
      button("Use mine", choose(() => entry.useMine())),
    );
  }

  show(title, ...parts) {
    this.node.replaceChildren(el("h3", {}, mark("warning", title)), ...parts.flat());
    this.node.hidden = false;
  }
}
