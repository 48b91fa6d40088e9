// Who is answering, chosen once, with who will see what said before the first answer.

import { button, el, field, newId, radio } from "./dom.js";

export function chooser(message, begin) {
  const name = newId("who");
  let chosen = message.people[0]?.id ?? "";
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
  const start = button("Begin", () => (chosen ? begin(chosen, "") : begin(id.value.trim() || role.value, role.value)), { class: "main" });
  return el(
    "div",
    { class: "chooser" },
    el("fieldset", {}, el("legend", {}, "Who is answering?"), known, radio(name, "", chosen === "", choose(""), el("span", {}, el("b", {}, "Somebody else"), " a role that is not in this list"))),
    other,
    message.problem ? el("p", { class: "problem", role: "alert" }, message.problem) : null,
    seen(message.privacy),
    start,
  );
}

export function seen(lines) {
  return el("div", { class: "seen" }, el("h3", {}, "Who will see what"), el("ul", {}, lines.map((line) => el("li", {}, line))));
}
