import type { News } from "./store.ts";

type Listener = (news: News) => void;

/** Tells all who asked. One that throws hinders neither the others nor the store: its error is raised where nobody can catch it. */
export class Newsroom {
  readonly #listeners: Set<{ readonly listener: Listener }> = new Set();

  /** Nobody listens: no news need be written. */
  get empty(): boolean {
    return this.#listeners.size === 0;
  }

  /** The same listener may ask twice; it is then told twice. */
  subscribe(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => { this.#listeners.delete(entry); };
  }

  tell(news: News): void {
    for (const { listener } of this.#listeners) {
      try {
        listener(news);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }
}
