import type { Disconnected, Failed, HoldfastError, Migrated, Waiting } from "@holdfast/core";
import { Alert } from "./alert.ts";
import type { ClientReport } from "./client-host.ts";
import { faults } from "./faults.ts";
import { closedError, errorOf } from "./session-error.ts";
import type { SessionClosed, SessionEvents } from "./session-events.ts";
import type { SessionSettings } from "./session-options.ts";

/** Where a session is heard. */
export interface Stage {
  emit(event: never, ...payload: never[]): boolean;
  listenerCount(event: never): number;
}

/** What the chronicle has to know, and whom it tells that the session came to rest or to its end. */
export interface ChronicleOwner {
  /** Label of the endpoint of a channel. */
  endpointOf(channel: number): string;
  /** In ms; Infinity without a session. */
  readonly presumedIn: number;
  readonly unconfirmed: number;
  halted(error: HoldfastError): void;
}

type News = { [Name in keyof SessionEvents]: readonly [name: Name, ...payload: SessionEvents[Name]] }[keyof SessionEvents];

/** Turns what the machine and the link report into what the session tells, and tells it when nothing else is going on. */
export class Chronicle {
  readonly #stage: Stage;
  readonly #owner: ChronicleOwner;
  readonly #alert: Alert;
  #news: News[] = [];
  #telling = false;
  #attachment: PromiseWithResolvers<void> | undefined;
  readonly #ending: PromiseWithResolvers<SessionClosed> = Promise.withResolvers();
  /** Why nothing goes on: the end, or a rest. */
  over: HoldfastError | undefined;
  /** What the link ended with, where it did so by itself. */
  linkError: HoldfastError | undefined;

  constructor(stage: Stage, owner: ChronicleOwner, { link }: SessionSettings) {
    this.#stage = stage;
    this.#owner = owner;
    this.#alert = new Alert(link.logger);
  }

  get ending(): Promise<SessionClosed> {
    return this.#ending.promise;
  }

  /** Something is to be told. */
  get some(): boolean {
    return this.#news.length > 0;
  }

  /** The next `attached`. Rejects when the session comes to rest or to its end instead. */
  whenAttached(): Promise<void> {
    if (this.over !== undefined) return Promise.reject(this.over);
    this.#attachment ??= Promise.withResolvers();
    return this.#attachment.promise;
  }

  /** Emits what has happened. A listener that throws breaks nothing here: its error surfaces as an uncaught one. */
  tell(): void {
    if (this.#news.length === 0 || this.#telling) return; // A listener called back: it is told after the others have heard of this.
    this.#telling = true;
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) this.emit(news[0], ...news.slice(1));
    this.#telling = false;
  }

  emit(name: keyof SessionEvents, ...payload: readonly unknown[]): boolean {
    try {
      return this.#stage.emit(name as never, ...(payload as never[]));
    } catch (error) {
      queueMicrotask(() => { throw error; });
      return true;
    }
  }

  drained(): void {
    this.#news.push(["drained"]);
  }

  suspended(): void {
    this.#closed({ cause: "suspended", undelivered: [] }, closedError());
  }

  reported(report: ClientReport): void {
    switch (report.type) {
      case "attached": return this.#attached(report);
      case "presumedExpired":
      case "restored": this.#news.push([report.type, {}]); return;
      case "expired": this.#news.push(["expired", { lastReceived: report.lastReceived, undelivered: report.undelivered }]); return;
      case "lost": this.#news.push(["lost", { why: report.why, uncertain: report.uncertain, unsent: report.unsent }]); return;
      case "dropped": this.#news.push(["dropped", { message: report.message, why: report.why }]); return;
      case "moved":
        this.#news.push(["moved", { epoch: report.epoch, uncertain: report.uncertain, unsent: report.unsent }]);
        return this.#halt(errorOf(faults.moved()));
      case "unauthorized": {
        const error = errorOf(report.fault);
        this.#news.push(["unauthorized", { error }]);
        return this.#halt(error);
      }
      case "closed": {
        const error = report.fault === undefined ? this.linkError : errorOf(report.fault);
        return this.#closed({ cause: report.cause, undelivered: report.undelivered, ...(error && { error }) }, error ?? closedError());
      }
      default: report satisfies never;
    }
  }

  // --- from the link ------------------------------------------------------------------------------------------------

  disconnected({ endpoint, cause, error }: Disconnected): void {
    this.#news.push(["detached", { endpoint, cause, deadline: this.#owner.presumedIn, unconfirmed: this.#owner.unconfirmed, ...(error && { error }) }]);
  }

  migrated(event: Migrated): void {
    this.#news.push(["migrated", { ...event, unconfirmed: 0 }]); // What the link cannot vouch for, the session sends again.
  }

  failed(event: Failed): void {
    this.#alert.failed(event);
    this.#news.push(["failed", { endpoint: event.endpoint, error: event.error }]);
  }

  waiting({ attempt, delay }: Waiting): void {
    this.#alert.lap(this.#stage.listenerCount("waiting" as never) > 0, delay);
    this.#news.push(["waiting", { attempt, delay }]);
  }

  // --- within -------------------------------------------------------------------------------------------------------

  #attached({ channel, epoch, resumed, continuity }: Extract<ClientReport, { type: "attached" }>): void {
    this.#alert.attached();
    this.#news.push(["attached", { endpoint: this.#owner.endpointOf(channel), epoch, resumed, continuity }]);
    this.#attachment?.resolve();
    this.#attachment = undefined;
  }

  #closed(closed: SessionClosed, over: HoldfastError): void {
    this.#news.push(["closed", closed]);
    this.#ending.resolve(closed);
    this.#halt(over);
  }

  #halt(error: HoldfastError): void {
    this.over = error;
    this.#attachment?.reject(error);
    this.#attachment = undefined;
    this.#owner.halted(error);
  }
}
