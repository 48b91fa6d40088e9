// Above the cards: who answers, how far, which cards are shown, what it comes to.

import { button, el, mark, newId, radio } from "./dom.js";
import { seen } from "./people.js";

const FILTERS = {
  all: "All",
  mine: "Mine",
  open: "Open",
  gates: "Gates",
  splits: "Splits",
  due: "Due again",
};

export class Head {
  constructor(form) {
    this.form = form;
    this.filter = "mine";
    this.isFull = form.track === "full";
    this.count = el("p", { class: "tally" });
    this.bar = el("progress", { max: "1", value: "0", "aria-label": "Answered" });
    this.unsaved = el("p", { class: "unsaved" });
    this.standing = el("div", { class: "standing" });
    this.problems = el("div", { class: "problems" });
    this.node = el(
      "div",
      { class: "head" },
      form.alarm,
      this.buildWho(),
      form.scope.node,
      el("div", { class: "tallied" }, this.count, this.bar, this.unsaved),
      this.buildFilters(),
      this.problems,
      this.standing,
    );
  }

  buildWho() {
    const { form } = this;
    const change = form.fixed ? null : button("Answer as somebody else", () => {
      form.isHere = true; // and the cursor stays in this form
      form.change();
    }, { class: "quiet-button" });
    const about = el("details", { class: "privacy" }, el("summary", {}, "Who will see what"), seen(form.privacy));
    about.open = form.answered().length === 0; // said before the first answer
    this.who = el("p", { tabindex: "-1" }, "Answering as ", el("b", {}, form.who.title), ` in ${form.file}`);
    return el(
      "div",
      { class: "who" },
      this.who,
      change,
      about,
    );
  }

  focus() {
    this.who.focus();
  }

  buildFilters() {
    const name = newId("filter");
    const choose = (value) => () => {
      this.filter = value;
      this.form.show();
    };
    this.labels = {};
    this.radios = Object.entries(FILTERS).map(([value, words]) => {
      this.labels[value] = el("span", {}, words);
      return radio(name, value, value === this.filter, choose(value), this.labels[value]);
    });
    this.every = el("input", { type: "checkbox", onchange: () => {
      this.isFull = this.every.checked;
      this.tellTrack();
      this.form.show();
    } });
    this.every.checked = this.isFull;
    this.beyond = el("p", { class: "hint", role: "status" });
    this.none = el("p", { class: "none", role: "status" });
    return el(
      "div",
      { class: "filters" },
      el("fieldset", {}, el("legend", {}, "Show"), this.radios),
      el("label", { class: "check" }, this.every, el("span", {}, "Every question, not only gates and key questions")),
      this.beyond,
      el("p", { class: "keys" }, "Keys: 0–4 choose a level, U we don’t know, N does not apply; arrows within a question, Tab to the next."),
      this.none,
    );
  }

  /** Show the questions of all roles: among them is what was restored. */
  showAll() {
    this.filter = "all";
    this.radios.find((label) => label.control.value === "all").control.checked = true;
  }

  /** Show as many questions as the case's track has, once that is chosen anew. */
  followTrack() {
    this.isFull = this.form.track === "full";
    this.every.checked = this.isFull;
    this.tellTrack();
    this.form.scope.tell(this.isFull ? "Now asked: every question." : "Now asked: gates and key questions.");
    this.form.show();
  }

  tellTrack() {
    const isBeyond = this.isFull && this.form.track !== "full";
    this.beyond.textContent = isBeyond ? "Shown on this page only. Answers beyond the starter track are saved; they count once the case’s track is full." : "";
  }

  /** Say how far the person is, and what is not in the file yet. */
  progress(cards, unsaved, total) {
    const answered = cards.filter((card) => card.isAnswered).length;
    this.count.textContent = `${answered} of ${cards.length} answered`;
    this.bar.max = Math.max(cards.length, 1);
    this.bar.value = answered;
    this.unsaved.textContent = unsaved ? `${unsaved} not saved yet` : "";
    for (const [value, number] of Object.entries(total)) {
      this.labels[value].textContent = `${FILTERS[value]} (${number})`;
    }
  }

  tellNone(count) {
    const empty = {
      mine: "No question here asks your role; All shows those of others.",
      open: "Nothing is open: you have answered every question shown.",
      gates: "No gate is among these questions.",
      splits: "No split is known among the questions that you have answered.",
      due: "Nothing is due again.",
    };
    this.none.textContent = count ? "" : (empty[this.filter] ?? "No question of this section is asked.");
  }

  /** Show what all that is saved comes to. */
  effect(message) {
    this.problems.replaceChildren(
      ...(message.problems.length
        ? [el("h3", {}, mark("warning", "The verdict cannot be computed")), ...message.problems.map((line) => el("p", {}, line)), el("p", {}, "Your answers are saved all the same.")]
        : []),
    );
    if (message.problems.length) return;
    const { standing } = message;
    const shown = standing ? this.buildStanding(standing, message.late) : [];
    const left = this.form.onTrack().filter((card) => card.isMine && !card.isAnswered).length;
    const says = `Where the case stands: folded until you have answered what asks your role (${left} left)`;
    this.standing.replaceChildren(...(shown.length && left ? [el("details", {}, el("summary", {}, says), shown)] : shown));
  }

  buildStanding(standing, isLate) {
    const rows = standing.dimensions.map((one) =>
      el(
        "p",
        { class: "marks" },
        el("b", {}, one.title),
        el("span", {}, `${one.level}; needed: ${one.needed}`),
        one.gates.map((gate) => mark(gate.look, `${gate.says}`)),
      ),
    );
    const late = isLate ? el("p", { class: "hint" }, `Judged as of ${standing.judged}: what is answered after that day is saved and does not count yet. It counts from the day that as_of names in assessment.yaml.`) : null;
    return [el("p", { class: "verdict" }, mark(standing.look, standing.headline)), ...rows, late].filter(Boolean);
  }
}
