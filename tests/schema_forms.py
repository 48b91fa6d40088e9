"""Every form that a JSON schema allows: each value of a list, each branch, each type.

What it makes is one of many: of an object all keys that may stand together, and of what
has several forms the one of a number, so that a few dozen documents have each once.
"""

from __future__ import annotations

import jsonschema

_DEEPEST = 4  #: parts inside of each other, such as columns of columns
_TEXTS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T10:00:00Z",
    "uri": "https://a.example/b",
}
_SCHEMA = jsonschema.Draft201909Validator


def _joined(one, other):
    """Return what either says of each key; of one that both name, both."""
    both = {name: {"allOf": [one[name], other[name]]} for name in {*one} & {*other}}
    return {**one, **other, **both}


class Forms:
    """What a schema allows, by number."""

    def __init__(self, schema):
        self.schema = schema
        self.most = 1  #: forms of the part that has the most of them

    def document(self, number):
        """Return a valid document, which has the form of that number of each part."""
        return self._made(self.schema, number, 0)

    def _chosen(self, forms, number):
        self.most = max(self.most, len(forms))
        return forms[number % len(forms)]

    def _whole(self, schema, number):
        """Return a schema with what it refers to, and with one of its branches."""
        whole = {
            k: v
            for k, v in schema.items()
            if k not in {"$ref", "allOf", "oneOf", "anyOf"}
        }
        parts = [one for one in schema.get("allOf", ()) if "if" not in one]
        if "$ref" in schema:
            part = self.schema
            for name in schema["$ref"].removeprefix("#/").split("/"):
                part = part[name]
            parts.append(part)
        parts += [
            self._chosen(schema[kind], number)
            for kind in ("oneOf", "anyOf")
            if kind in schema
        ]
        whole["ifs"] = [one for one in schema.get("allOf", ()) if "if" in one]
        for part in parts:
            more = self._whole(part, number)
            properties = _joined(
                whole.get("properties", {}), more.get("properties", {})
            )
            required = [*whole.get("required", ()), *more.get("required", ())]
            ifs = [*whole["ifs"], *more["ifs"]]
            whole = {
                **more,
                **whole,
                "properties": properties,
                "required": required,
                "ifs": ifs,
            }
        return whole

    def _made(self, schema, number, depth):
        number *= depth <= _DEEPEST  # the first one, which holds no others
        whole = self._whole(schema, number)
        for key in ("const", "enum"):
            if key in whole:
                return self._chosen(whole[key], number) if key == "enum" else whole[key]
        of_keys = "object" if whole.get("properties") else "string"
        kinds = whole.get("type", of_keys)
        kind = self._chosen(kinds, number) if isinstance(kinds, list) else kinds
        return getattr(self, f"_{kind}")(whole, number, depth)

    def _object(self, whole, number, depth):
        if not whole.get("properties"):
            return {}
        names = whole["properties"]
        if depth > _DEEPEST:
            names = {*whole.get("required", ()), "logicalType"} & {*names}
        never = whole.get("not", {}).get("required", ())
        made = {
            name: self._made(whole["properties"][name], number, depth + 1)
            for name in names
            if name not in never
        }
        made |= {name: "text" for name in whole.get("required", ()) if name not in made}
        for one in whole["ifs"] if depth <= _DEEPEST else ():
            if _SCHEMA({**one["if"], "$defs": self.schema["$defs"]}).is_valid(made):
                more = self._made(one["then"], number, depth + 1)
                made = {**more, **{k: v for k, v in made.items() if v or k not in more}}
        return made

    def _array(self, whole, number, depth):
        items = whole.get("items", {"type": "string"})
        if depth > _DEEPEST and not whole.get("minItems"):
            return []
        made = [
            self._made(items, number + at, depth + 1)
            for at in range(max(1, whole.get("minItems", 1)))
        ]
        if whole.get("uniqueItems") and len(made) > 1 and made[0] == made[1]:
            made = [at + 1 for at in range(len(made))]
        return made

    def _string(self, whole, number, _depth):
        if examples := whole.get("examples"):
            return str(self._chosen(examples, number))
        if pattern := whole.get("pattern"):
            return {"^[A-Za-z0-9_-]+$": "some_id-1"}.get(pattern, "orders.id")
        return _TEXTS.get(whole.get("format"), "text")

    def _integer(self, whole, number, _depth):
        return (
            int(max(whole.get("minimum", 0), whole.get("exclusiveMinimum", 0)))
            + number % 3
            + 1
        )

    def _number(self, whole, number, depth):
        return self._integer(whole, number, depth) + 0.5

    def _boolean(self, _whole, number, _depth):
        return number % 2 == 0

    def _null(self, *_):
        return None
