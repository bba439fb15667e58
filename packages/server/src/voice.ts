/** Who has listeners. */
export interface Speaker {
  /** Emits. May throw what a listener throws. */
  speak(name: string, event: unknown): void;
}

interface Told { readonly speaker: Speaker; readonly name: string; readonly event: unknown }

/**
 * The one voice of a server and its peers. Listeners hear one thing at a time: what they cause while they listen is told
 * afterwards, in order, so nobody hears of an end before what came first. A listener that throws breaks nothing here: its
 * error surfaces as an uncaught one.
 */
export class Voice {
  #queue: Told[] = [];
  #busy = false;

  say(speaker: Speaker, name: string, event: unknown): void {
    if (this.#busy) {
      this.#queue.push({ speaker, name, event });
      return;
    }
    this.#busy = true;
    attempt(speaker, name, event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) attempt(next.speaker, next.name, next.event);
    this.#busy = false;
  }
}

function attempt(speaker: Speaker, name: string, event: unknown): void {
  try {
    speaker.speak(name, event);
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}
