import { type Clock, type Millis } from "@holdfast/core";
import { LazyAlarm } from "@holdfast/core/engine";

/**
 * Until when may we act as the owner of the session?
 *
 * Theory of operation. A server forgets a session when it has heard nothing of it for the timeout. What it answered it has heard, and
 * it heard it after we had sent it. So the session lives at least until one timeout after the sending of the last thing that was
 * answered: counted from the sending, not from the answer, and not from the moment at which a loss is noticed (Curator began there, and
 * had two leaders: CURATOR-460). After that it is presumed to be over. It may live on: servers round up, and a whole ensemble that is
 * down expires nobody. Only a server knows, and until one says so the session is tried again and again.
 */
export class Presumption {
  readonly #clock: Clock;
  readonly #alarm: LazyAlarm;
  readonly #changed: (presumed: boolean) => void;
  #state: { readonly phase: "none" } | { readonly phase: "alive" | "presumed"; readonly timeout: Millis } = { phase: "none" };
  #provenAt: Millis = -Infinity;

  /** `changed(true)`: presumed to be over. `changed(false)`: it was alive all the same. */
  constructor(clock: Clock, changed: (presumed: boolean) => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#alarm = new LazyAlarm(clock, () => { this.#look(); });
  }

  /** By the clock, not by the alarm: in a process that stood still, other timers may run before it. Whoever asks then is told first. */
  get presumed(): boolean {
    if (this.#state.phase === "alive" && this.#clock.now() >= this.deadline) this.#look();
    return this.#state.phase === "presumed";
  }

  /** When the session may be over, by our clock. */
  get deadline(): Millis {
    return this.#state.phase === "none" ? Infinity : this.#provenAt + this.#state.timeout;
  }

  /** A server has granted the session, or granted it again, in answer to what was sent at `sentAt`. */
  granted(timeout: Millis, sentAt: Millis): void {
    const before = this.#state;
    this.#state = { phase: "alive", timeout };
    this.#provenAt = Math.max(sentAt, this.#provenAt);
    this.#watch();
    if (before.phase === "presumed") this.#changed(false);
  }

  /** What was sent at `sentAt` has been answered. Called for every answer. */
  proven(sentAt: Millis): void {
    if (sentAt > this.#provenAt) this.#provenAt = sentAt;
    if (this.#state.phase === "presumed") this.#look();
  }

  /** There is no session, or it is known to be over. */
  forget(): void {
    this.#state = { phase: "none" };
    this.#provenAt = -Infinity;
    this.#alarm.clear();
  }

  /** Looks a little before the deadline, together with others; as a rule it has moved on by then. If it has not, looks on time. */
  #watch(): void {
    if (this.#state.phase === "none") return;
    const slack = this.#state.timeout / 16;
    if (this.deadline - this.#clock.now() > slack) this.#alarm.about(this.deadline, slack);
    else this.#alarm.set(this.deadline);
  }

  #look(): void {
    const { phase } = this.#state;
    if (phase === "none") return;
    const alive = this.#clock.now() < this.deadline;
    if (alive) this.#watch();
    if (alive === (phase === "alive")) return;
    this.#state = { phase: alive ? "alive" : "presumed", timeout: this.#state.timeout };
    this.#changed(!alive);
  }
}
