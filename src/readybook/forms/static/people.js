// Who is answering, chosen once, with who will see what said before the first answer.

import { button, el, field, newId, radio } from "./dom.js";

export function chooser(message, begin) {
  const name = newId("who");
  let chosen = message.people.length ? null : ""; // nobody is chosen for a person
  let confirmed = "";
  const choose = (value) => () => {
    chosen = value;
    other.hidden = value !== "";
  };
  const role = el(
    "select",
    { onchange: () => {
      if (!id.value || id.dataset.from === "role") {
        id.value = role.value;
        id.dataset.from = "role";
      }
    } },
    el("option", { value: "" }, "Choose a role"),
    message.roles.map((one) => el("option", { value: one.id }, one.title)),
  );
  const id = el("input", { type: "text", autocomplete: "off", spellcheck: "false", oninput: () => delete id.dataset.from });
  const other = el(
    "div",
    { class: "somebody", hidden: chosen !== "" },
    field("Role", role),
    field("Name of the file: the function, never a person’s name", id),
  );
  const known = message.people.map((person) =>
    radio(name, person.id, person.id === chosen, choose(person.id), el("span", {}, el("b", {}, person.title), ` ${person.id}, ${person.says}`)),
  );
  const asked = el("p", { class: "problem", role: "alert" }, message.problem);
  const start = button("Begin", () => {
    if (chosen === null) {
      asked.textContent = "Choose who is answering.";
      return;
    }
    const who = chosen || id.value.trim() || role.value;
    const answersFor = message.people.find((one) => one.id === chosen)?.role ?? role.value;
    const holders = message.holders[answersFor] ?? [];
    if (holders.length && !holders.includes(who) && confirmed !== who) {
      confirmed = who;
      asked.textContent = `stakeholders.yaml gives this role to ${holders.join(", ")}. To answer for it all the same, as ${who}, press Begin again.`;
      return;
    }
    begin(who, chosen ? "" : role.value);
  }, { class: "main" });
  return el(
    "div",
    { class: "chooser" },
    el("fieldset", {}, el("legend", {}, "Who is answering?"), known, radio(name, "", chosen === "", choose(""), el("span", {}, el("b", {}, "Somebody else"), " a role that is not in this list"))),
    message.people.length ? null : nobody(),
    other,
    asked,
    seen(message.privacy),
    start,
  );
}

/** What to do where no role is held yet. */
export function nobody() {
  return el("p", { class: "hint" }, "Nobody is known yet. Do: enter in notebook 5, under Roles, who holds each role.");
}

export function seen(lines) {
  return el("div", { class: "seen" }, el("h3", {}, "Who will see what"), el("ul", {}, lines.map((line) => el("li", {}, line))));
}
