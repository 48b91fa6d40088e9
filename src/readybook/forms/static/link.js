// The way to the kernel: what was sent, what was acknowledged, whether anyone is there.

const ASK_EVERY_MS = 4000;
const INSIST_MS = 700;
const GONE_AFTER_MS = 9000;

export class Link {
  constructor(model, { receive, gone, back }) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2, 10);
    this.told = { receive, gone, back };
    this.isGone = false;
    this.heard = Date.now();
    this.counter = 0;
    this.onMessage = (message) => {
      this.heard = Date.now();
      if (this.isGone) {
        this.isGone = false;
        back();
      }
      if (message.kind !== "pong") receive(message);
    };
    // The front end cut the line: the kernel is restarted or shut down.
    this.onCut = () => this.ask();
    model.on("msg:custom", this.onMessage);
    model.on("comm_live_update", this.onCut);
    this.timer = window.setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  /** A number that grows, also over tabs and restarts. */
  count() {
    this.counter = Math.max(this.counter + 1, Date.now());
    return this.counter;
  }

  send(message) {
    try {
      this.model.send({ client: this.client, ...message });
    } catch {
      this.lose();
    }
  }

  /** Send until it is done: before the front end has a way around a busy cell, a
      message waits behind that cell, and a later one may come first. */
  insist(message, isDone) {
    this.send(message);
    window.clearInterval(this.insisting);
    this.insisting = window.setInterval(() => {
      if (isDone() || this.isGone) window.clearInterval(this.insisting);
      else this.send(message);
    }, INSIST_MS);
  }

  ask() {
    const silent = Date.now() - this.heard;
    if (silent > GONE_AFTER_MS && this.asked && Date.now() - this.asked > ASK_EVERY_MS / 2) {
      this.lose();
    }
    if (document.visibilityState === "hidden") {
      this.heard = Date.now(); // a hidden tab's clock is slowed down
      return;
    }
    // A kernel that was restarted knows nothing of us, and would log each question.
    if (!this.isGone) {
      this.asked = Date.now();
      this.send({ kind: "ping", n: this.count() });
    }
  }

  lose() {
    if (this.isGone) return;
    this.isGone = true;
    this.told.gone();
  }

  close() {
    window.clearInterval(this.timer);
    window.clearInterval(this.insisting);
    this.model.off("msg:custom", this.onMessage);
    this.model.off("comm_live_update", this.onCut);
  }
}
