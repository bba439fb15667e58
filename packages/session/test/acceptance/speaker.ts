/** Says something every few ms until it is stopped, and remembers what was accepted. */
export class Speaker implements Disposable {
  readonly accepted: string[] = [];
  readonly refusals: unknown[] = [];
  #said = 0;
  readonly #timer: NodeJS.Timeout;

  /** `say` throws where it does not accept; where it returns a promise, that one is kept when it does. */
  constructor(word: string, every: number, say: (message: string) => unknown) {
    this.#timer = setInterval(() => { void this.#speak(`${word}${this.#said}`, say); }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #speak(message: string, say: (message: string) => unknown): Promise<void> {
    this.#said += 1;
    this.accepted.push(message); // In the order in which it was said, whoever answers first.
    try {
      const answer = say(message);
      if (answer instanceof Promise) await answer;
    } catch (error) {
      this.accepted.splice(this.accepted.indexOf(message), 1);
      this.refusals.push(error);
    }
  }
}
