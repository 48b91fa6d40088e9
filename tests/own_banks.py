"""Banks of one's own for tests, as text: what a team would write."""

QUESTION = """\
  - section: {section}
    id: {id}
    title: House rules kept
    weight: {weight}
    authority: sponsor
    answers: in-place
    sources: [{{work: article}}]
    text: Are the house rules kept?
    why: They are ours.
    proof: A record.
    levels: [none is, one is, some are, all are, all are and somebody looks]
    next:
      - {{do: Keep one., role: sponsor}}
      - {{do: Keep some., role: sponsor}}
      - {{do: Keep all., role: sponsor}}
      - {{do: Look., role: sponsor}}
"""


def own_question(id_, *, section="OWN", weight="key"):
    """One question, without the key `questions` above it."""
    return QUESTION.format(id=id_, section=section, weight=weight)


def own_bank(*questions, extends=True, more=""):
    """A bank of one's own: these questions, and other keys as text."""
    head = "format: 1\nid: ours\nversion: 2.1.0\ntitle: Our bank\n"
    asked = "questions:\n" + "".join(questions) if questions else ""
    return head + ("extends: readybook\n" if extends else "") + more + asked
