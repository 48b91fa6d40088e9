// What the widget runs: the form, the room, a table or buttons, in the cell's output.

import { Buttons } from "./buttons.js";
import { Form } from "./form.js";
import { Room } from "./room.js";
import { Table } from "./tables.js";

const FACES = { form: Form, room: Room, table: Table, buttons: Buttons };

function render({ model, el: node }) {
  node.classList.add("rb-form");
  // The notebook's own keys (0 0 restarts its kernel) are not meant here.
  node.dataset.lmSuppressShortcuts = "true";
  const quiet = (event) => event.stopPropagation();
  node.addEventListener("keydown", quiet);
  const shown = new FACES[model.get("kind")](model, node);
  return () => {
    node.removeEventListener("keydown", quiet);
    shown.close();
  };
}

export default { render };
