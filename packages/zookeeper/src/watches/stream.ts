import type { WatchEvent, WatchListener } from "./watch-event.ts";

/** Events that a slow reader may leave unread. Then they are dropped, and it is told that there is a gap. */
const maxUnread = 1024;

/** Feeds a `for await` from a listener. */
export class WatchStream {
  readonly #path: string;
  #events: WatchEvent[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<WatchEvent, undefined>> | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  readonly listener: WatchListener = (event) => {
    if (this.#end !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#waiting.resolve({ done: false, value: event });
      this.#waiting = undefined;
      return;
    }
    if (this.#events.length >= maxUnread) this.#events = [{ type: "gap", path: this.#path, zxid: 0n }];
    else this.#events.push(event);
  };

  /** Nothing more will come. With an error, the reader gets it after what is unread. */
  end(error?: unknown): void {
    this.#end ??= { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
  }

  next(): Promise<IteratorResult<WatchEvent, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#end !== undefined) return this.#end.error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(this.#end.error);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }
}
