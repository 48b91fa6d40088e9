// Elements without innerHTML: what people typed is only ever text.

let made = 0;

/** How long a text rests before it is sent. */
export const TEXT_MS = 300;

/** A new id, for labels and descriptions. */
export function newId(name) {
  made += 1;
  return `rb-${name}-${made}-${Math.random().toString(36).slice(2, 7)}`;
}

/** An element; `on...` adds a listener, false and null leave an attribute out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value === "boolean") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(2).filter((child) => child || child === 0));
  return node;
}

/** A shape beside words; the words speak. */
export function mark(look, words) {
  return el("span", { class: `m ${look}` }, words);
}

export function button(words, act, attributes = {}) {
  return el("button", { type: "button", onclick: act, ...attributes }, words);
}

/** A text that is announced where it changes, and only then. */
export function say(node, words, state = "") {
  if (node.textContent !== words) node.textContent = words;
  node.dataset.state = state;
}

/** A radio button in its label. */
export function radio(name, value, checked, onchange, ...label) {
  const input = el("input", { type: "radio", name, value, onchange });
  input.checked = checked;
  return el("label", {}, input, ...label);
}

/** A control under its name. */
export function field(name, control) {
  return el("label", { class: "field" }, el("span", {}, name), control);
}

export function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

/** Write a value into a control, unless it is there: the cursor stays where it is. */
export function put(control, value) {
  if (control && control.value !== (value ?? "")) control.value = value ?? "";
}

/** The time of day. */
export function clock() {
  const now = new Date();
  return `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
}
