import type { Millis } from "@holdfast/core";
import type { Sink, Writable } from "../jute/sink.ts";
import type { Operation } from "../operations/operation.ts";

/** One request on its way to its answer. It is settled exactly once, whatever happens. */
export class Request<T = unknown> implements Writable {
  readonly operation: Operation<T>;
  readonly promise: Promise<T>;
  /** Called with the result, in the order of the answers and before anything that the server sent after it. */
  readonly #answered: ((value: T) => void) | undefined;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  settled = false;
  /** When it was handed to the channel, by our clock. */
  sentAt: Millis = 0;
  xid = 0;
  /** The one sent after it. */
  next: Request | undefined;

  constructor(operation: Operation<T>, answered?: (value: T) => void) {
    this.operation = operation;
    this.#answered = answered;
    let resolve!: (value: T) => void;
    let reject!: (error: unknown) => void;
    // A request is made for each operation, and `withResolvers` makes an object more.
    this.promise = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.#resolve = resolve;
    this.#reject = reject;
  }

  write(sink: Sink): void {
    sink.int(this.xid);
    sink.int(this.operation.type);
    this.operation.write(sink);
  }

  /** Also where the caller has given up: what was answered has happened. */
  resolve(value: T): void {
    this.#answered?.(value);
    this.settled = true;
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

/** The requests that wait for an answer, oldest first. Answers come in the order of the requests. */
export class InFlight {
  #first: Request | undefined;
  #last: Request | undefined;
  size = 0;

  get oldest(): Request | undefined {
    return this.#first;
  }

  add(request: Request): void {
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
    this.size += 1;
  }

  take(): Request | undefined {
    const request = this.#first;
    this.#first = request?.next;
    if (this.#first === undefined) this.#last = undefined;
    if (request === undefined) return undefined;
    request.next = undefined;
    this.size -= 1;
    return request;
  }
}
