// An answer as plain data: what the file holds of it, without dates that saving sets.

const KEYS = ["answer", "note", "private", "proof", "reason", "because", "approved_by"];

/** The keys that a person types, without empty ones. */
export function plain(answer) {
  const kept = {};
  for (const key of KEYS) {
    const value = answer?.[key];
    if (value === undefined || value === null || value === "" || value === false) continue;
    kept[key] = value;
  }
  if (kept.answer !== "does-not-apply") {
    for (const key of ["reason", "because", "approved_by"]) delete kept[key];
  }
  return kept;
}

/** A draft without a proof that lacks its other half, and what it lacks in words. */
function proofApart(draft) {
  const answer = plain(draft);
  const { reference, date } = answer.proof ?? {};
  if (!answer.proof || (reference && date)) return { answer, waits: [] };
  delete answer.proof;
  const lack = reference ? "its document's date" : "a link, a file or where it lies";
  return { answer, waits: [`the proof needs ${lack}`] };
}

/** An answer to a question: saved as soon as there is one, the rest of it with it. */
export function answerKind(about) {
  return {
    plain,
    ready(draft) {
      const { answer, waits } = proofApart(draft);
      if (answer.answer !== undefined) return { answer, waits };
      return { answer: null, waits: ["choose an answer, and it is saved with the rest"] };
    },
    /** What a complete-looking answer still lacks to count. */
    lacks(draft) {
      if (draft.answer !== "does-not-apply") return "";
      const open = [
        !draft.reason && "a reason",
        !draft.because && "a text",
        about.gate && !draft.approved_by && "who approved it",
      ].filter(Boolean);
      return open.length ? ` It counts as open until it has ${open.join(" and ")}.` : "";
    },
  };
}

/** What the room agreed: a level or "does not apply", with its reason in words. */
export function agreedKind(about, present) {
  const text = (draft) => {
    const kept = plain(draft);
    return draft.because ? { ...kept, because: draft.because } : kept;
  };
  return {
    ...answerKind(about),
    plain: text,
    ready(draft) {
      const { answer, waits } = proofApart(draft);
      const because = draft.because?.trim();
      if (answer.answer !== undefined && because) return { answer: { ...answer, because, present }, waits };
      return { answer: null, waits: ["an agreement needs a level and its reason"] };
    },
  };
}

/** That a document of another role was seen, and how far it carries. */
export const CONFIRM = {
  plain({ level, saw, date }) {
    return { ...(level === undefined ? {} : { level }), ...(saw ? { saw } : {}), ...(date ? { date } : {}) };
  },
  ready(draft) {
    const answer = CONFIRM.plain(draft);
    if (answer.level !== undefined && answer.saw?.trim()) return { answer, waits: [] };
    return { answer: null, waits: ["it needs the document that you saw and the level that it shows"] };
  },
  lacks: () => "",
};

/** One choice about the case: phase, track or a scope fact. */
export const CHOICE = {
  plain: ({ value }) => ({ value: value ?? "" }),
  ready: ({ value }) => ({ answer: { value: value ?? "" }, waits: [] }),
  lacks: () => "",
};

/** An answer in words. */
export function inWords(answer, card, words) {
  if (!answer) return "no answer";
  const value = answer.answer;
  if (typeof value === "number") return `${value} – ${card.levels[value].word}`;
  return words[value] ?? String(value);
}

/** The lines that tell two versions of an answer apart. */
export function told(answer, card, words) {
  if (!answer) return ["no answer any more"];
  const lines = [inWords(answer, card, words)];
  if (answer.date) lines[0] += `, given ${answer.date}`;
  if (answer.note) lines.push(`Note: ${answer.note}`);
  if (answer.proof) lines.push(`Proof: ${answer.proof.reference}, ${answer.proof.date}`);
  if (answer.because) lines.push(`Because: ${answer.because}`);
  return lines;
}
