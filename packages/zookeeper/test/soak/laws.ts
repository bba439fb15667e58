/** What must hold whatever happens. Breaches are collected, told at once, and decide how the soak ends. */
export class Laws {
  readonly breaches: string[] = [];
  readonly #say: (line: string) => void;
  readonly #holders = new Map<string, () => boolean>();
  pending = 0;
  readonly outcomes = { done: 0, failed: 0, unsent: 0, unknown: 0, over: 0 };
  holds = 0;
  ephemeralsChecked = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  breach(text: string): void {
    if (this.breaches.includes(text)) return;
    this.breaches.push(text);
    this.#say(`BREACH: ${text}`);
  }

  /** Counts a request until it is settled. Gives its result, or undefined where it failed. */
  async watch<T>(request: Promise<T>): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }> {
    this.pending += 1;
    try {
      const value = await request;
      this.outcomes.done += 1;
      return { ok: true, value };
    } catch (error) {
      const { outcome } = error as { outcome?: keyof Laws["outcomes"] }; // Other errors have none.
      this.outcomes[outcome ?? "over"] += 1;
      return { ok: false, error };
    } finally {
      this.pending -= 1;
    }
  }

  /** Somebody has been given the lock, and holds it for as long as it says so. */
  holding(who: string, held: () => boolean): void {
    this.holds += 1;
    this.#holders.set(who, held);
    this.look(who);
  }

  /** At this moment: does anybody else believe to hold the lock? */
  look(who: string): void {
    for (const [other, held] of this.#holders) {
      if (other !== who && held()) this.breach(`${who} and ${other} believe to hold the lock`);
    }
  }

  released(who: string): void {
    this.#holders.delete(who);
  }
}
