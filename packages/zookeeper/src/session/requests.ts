import { BackpressureError, type Alarm, type Millis } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import { about, ZooKeeperError, type Subject } from "../errors/zookeeper-error.ts";
import type { Operation } from "../operations/operation.ts";
import { Request } from "../protocol/request.ts";
import { checkRetry, positive, type Settings } from "./options.ts";
import type { CreateOptions } from "../operations/create.ts";
import type { WatchListener } from "../watches/watch-event.ts";
import type { Session } from "./session.ts";

export interface RequestOptions {
  /** Gives up waiting: rejects with `signal.reason`. A request that has been sent may be done all the same. */
  readonly signal?: AbortSignal;
  /** Longest wait for the answer in ms, the time until a server is found included. Then it rejects with `ZK_REQUEST_TIMEOUT`. @default the client's `requestTimeout` */
  readonly timeout?: Millis;
  /** See `ZooKeeperOptions.retry`. @default the client's */
  readonly retry?: "safe" | false;
}

/** Of a read that may leave a watch behind. */
export interface WatchOptions extends RequestOptions {
  /** Called once, when what was read has changed (a one-shot watch). Survives the move to another server. */
  readonly watch?: WatchListener;
}
export interface VersionOptions extends RequestOptions {
  /** Only if the node has this version; else `ZK_BAD_VERSION`. @default any */
  readonly version?: number;
}
export interface CreateRequest extends CreateOptions, RequestOptions {
  /**
   * Puts a mark of its own in front of the name (`_c_<uuid>-`, as Curator does), by which the node is found again where the answer was lost: so
   * it is created exactly once, and never refused because it is our own.
   * @default false
   */
  readonly protect?: boolean;
}

/** How often a request that is safe to repeat is made again. More losses in a row are an outage, and the caller shall know. */
const retries = 8;

/** Gives requests to a session, and sees to it that each is settled. */
export class Requests {
  readonly #session: Session;
  readonly #settings: Settings;

  constructor(session: Session, settings: Settings) {
    this.#session = session;
    this.#settings = settings;
  }

  /** `answered` is called with the result before any later event of a watch. */
  ask<T>(operation: Operation<T>, options: RequestOptions = none, answered?: (value: T) => void): Promise<T> {
    const { retry: wanted = this.#settings.retry, signal } = options;
    if (wanted === false || !operation.safe) return this.#once(operation, options, answered);
    checkRetry(wanted);
    const { clock, random } = this.#settings;
    return retry(() => this.#once(operation, options, answered), { retries, clock, random, ...(signal && { signal }), shouldRetry: ({ error }) => error instanceof ZooKeeperError && error.code === "ZK_CONNECTION_LOSS" && error.outcome === "unknown" });
  }

  #once<T>(operation: Operation<T>, { signal, timeout = this.#settings.requestTimeout }: RequestOptions, answered?: (value: T) => void): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#session.continuity.over !== undefined) return Promise.reject(this.#session.continuity.over);
    const request = new Request(operation, answered);
    if (signal !== undefined || timeout !== Infinity) this.#limit(request, signal, timeout);
    try {
      this.#session.link.send(request as Request); // What it gives is between its operation and its caller.
    } catch (error) {
      request.reject(error instanceof BackpressureError ? queueFull(operation, error) : error);
    }
    return request.promise;
  }

  #limit<T>(request: Request<T>, signal: AbortSignal | undefined, timeout: Millis): void {
    positive("timeout", timeout);
    const { clock } = this.#settings;
    let alarm: Alarm | undefined;
    const aborted = (): void => { request.reject(signal?.reason); };
    const done = (): void => {
      alarm?.cancel();
      signal?.removeEventListener("abort", aborted);
    };
    if (timeout !== Infinity) alarm = clock.alarm(clock.now() + timeout, () => { request.reject(late(request, timeout)); });
    signal?.addEventListener("abort", aborted, { once: true });
    request.promise.finally(done).catch(() => { /* The caller's. */ });
  }
}

const none: RequestOptions = {};

function queueFull({ name, path }: Subject, cause: BackpressureError): ZooKeeperError {
  return new ZooKeeperError("ZK_QUEUE_FULL", `${about(name, path)}: too many requests wait for a server; it was not sent. Wait for those that you have made, or raise queue.maxRequests or queue.maxBytes`, { operation: name, path, outcome: "unsent", cause });
}

function late({ operation: { name, path }, sentAt }: { readonly operation: Subject; readonly sentAt: Millis }, timeout: Millis): ZooKeeperError {
  const outcome = sentAt === 0 ? "unsent" : "unknown";
  const words = outcome === "unsent" ? "no server took it; it was not sent" : "it may have been done or not";
  return new ZooKeeperError("ZK_REQUEST_TIMEOUT", `${about(name, path)}: no answer within ${timeout} ms; ${words}`, { zkCode: -122, operation: name, path, outcome });
}
