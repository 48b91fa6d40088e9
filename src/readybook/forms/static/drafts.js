// What was typed and not yet acknowledged, kept in this browser until it is.

const PREFIX = "readybook/1/";

function remember(key, value) {
  try {
    window.localStorage.setItem(PREFIX + key, value);
    return true;
  } catch {
    return false; // full, or switched off; the form says so
  }
}

function recall(key) {
  try {
    return window.localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

export function rememberWho(place, who) {
  remember(`who/${place}`, who);
}

export function recallWho(place) {
  return recall(`who/${place}`) ?? "";
}

/** The drafts of one person in one folder. */
export class Drafts {
  constructor(folder, who) {
    this.home = `draft/${folder}/${who}/`;
  }

  /** Keep a draft; false where the browser keeps nothing. */
  keep(draft) {
    return remember(`${this.home}${draft.question}/${draft.client}`, JSON.stringify(draft));
  }

  /** Forget a draft, unless something newer was typed in its place. */
  forget(question, client, counter) {
    const key = `${PREFIX}${this.home}${question}/${client}`;
    try {
      const draft = JSON.parse(window.localStorage.getItem(key));
      if (draft && draft.counter <= counter) window.localStorage.removeItem(key);
    } catch {
      // nothing was kept
    }
  }

  /** Every draft by question, the newest first. */
  all() {
    const found = {};
    try {
      for (const key of Object.keys(window.localStorage)) {
        if (!key.startsWith(PREFIX + this.home)) continue;
        const draft = JSON.parse(window.localStorage.getItem(key));
        (found[draft.question] ??= []).push(draft);
      }
    } catch {
      // nothing was kept
    }
    for (const drafts of Object.values(found)) {
      drafts.sort((a, b) => b.counter - a.counter);
    }
    return found;
  }
}
