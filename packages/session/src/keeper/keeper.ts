import { OptionError, type Millis, type Protocol } from "@holdfast/core";
import { SessionFraming } from "../frames/framing.ts";
import { EventEmitter } from "eventemitter3";
import type { Message } from "../frames/frame.ts";
import type { Key, News, SessionId } from "../store/store.ts";
import { Moment } from "../time/moment.ts";
import { Admission } from "./admission.ts";
import { whenAnswered } from "./answered.ts";
import { KeeperChannel } from "./channel.ts";
import { Expiry } from "./expiry.ts";
import { journal } from "./journal.ts";
import { KeeperError } from "./keeper-error.ts";
import type { KeeperEvents } from "./keeper-events.ts";
import { resolveKeeperOptions, type KeeperOptions, type KeeperSettings } from "./keeper-options.ts";
import type { KeptSession } from "./kept-session.ts";
import { rules } from "./machine/keeper-policy.ts";
import type { Office } from "./office.ts";
import { check } from "./seat.ts";
import { Seats } from "./seats.ts";
import { sendTo } from "./send-to.ts";
import { sessionKey } from "./session-key.ts";
import { Watch, type KeyChange } from "./watches.ts";

/**
 * The server's half of sessions. Give its `protocol` to a server, and clients with a `Session` keep their session over any number of connections, on any
 * server whose keeper shares the store: nothing lost, nothing twice, one owner.
 */
export class Keeper extends EventEmitter<KeeperEvents> {
  readonly #settings: KeeperSettings;
  readonly #office: Office;
  readonly #channels: Set<KeeperChannel> = new Set();
  readonly #watches: Set<Watch> = new Set();
  readonly #expiry: Expiry;
  #unsubscribe: "never" | "asking" | (() => void) = "never";
  #closed = false;
  /** For `new Server({ protocol: keeper.protocol })`. Serves listeners only; any number of servers may share it. */
  readonly protocol: Protocol<Message, never>;

  /** Throws an `OptionError` for an option that cannot work. From now on it ends sessions that have expired, until `close()`. */
  constructor(options: KeeperOptions) {
    super();
    const settings = (this.#settings = resolveKeeperOptions(options));
    const framing = new SessionFraming();
    this.#office = {
      settings, admission: new Admission(settings.limits, settings.random), seats: new Seats(), framing, moment: new Moment(settings.clock), outgoingBytes: 0,
      tell: (name, event) => { this.#tell(name, event); },
    };
    this.protocol = { framing, pings: true, standby: "none", start: (line, role) => this.#start(line, role) };
    this.#expiry = this.#watchTime();
    this.#subscribe();
  }

  /** The sessions attached here, by key. A live view. */
  get sessions(): ReadonlyMap<string, KeptSession> {
    return this.#office.seats.attached;
  }

  /**
   * A message for a session, wherever it is attached, or not at all: by its id, or by the key of one that is or was here. Resolves when the store has it. Rejects with a
   * `KeeperError` (`HF_SESSION_ENDED`) where there is no such session, a `BackpressureError` where too much waits, and with what the store rejects with.
   */
  async send(to: SessionId, message: Message): Promise<void> {
    check(message);
    await sendTo(this.#office, to, message);
  }

  /** The keys that begin with `prefix`, of all sessions, sorted. */
  async keys(prefix: string): Promise<readonly Key[]> {
    return this.#settings.store.keys(prefix);
  }

  /**
   * Tells which keys begin with `prefix`, then what changes about them. Resolves, when the listener was told all that is there, with a function that stops it. After
   * news from the store were missed, the difference is told.
   */
  async watch(prefix: string, listener: (change: KeyChange) => void): Promise<() => void> {
    if (typeof prefix !== "string") throw new OptionError("prefix", "a text", prefix);
    const watch = new Watch(this.#settings.store, prefix, (change) => { run(() => { listener(change); }); }, (error) => { this.#storeFailed("keys", error); });
    this.#watches.add(watch);
    const stop = (): void => {
      watch.stop();
      this.#watches.delete(watch);
    };
    watch.look();
    try {
      await watch.ready;
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  /**
   * Hangs up on all clients, which go elsewhere and keep their sessions; waits at most `within` ms for handlers that are at work, and stops. Close the servers
   * first: they know how to do it politely.
   */
  async close({ within = 5_000 }: { readonly within?: Millis } = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#expiry.stop();
    for (const watch of this.#watches) watch.stop();
    if (typeof this.#unsubscribe === "function") this.#unsubscribe();
    const channels = [...this.#channels];
    for (const channel of channels) channel.hangUp();
    await Promise.all(channels.map((channel) => new Promise<void>((resolve) => { channel.whenIdle(within, resolve); })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- within ---------------------------------------------------------------------------------------------------------

  #start(line: ConstructorParameters<typeof KeeperChannel>[1], role: ConstructorParameters<typeof KeeperChannel>[2]): KeeperChannel {
    if (this.#closed) throw new KeeperError("HF_SESSION_ENDED", "this keeper is closed: close the server that still accepts for it", { next: "elsewhere" });
    if (role.side !== "listener") throw new OptionError("protocol", "for a server: a client uses Session", undefined);
    const channel = new KeeperChannel(this.#office, line, role, () => { this.#channels.delete(channel); });
    this.#channels.add(channel);
    return channel;
  }

  #watchTime(): Expiry {
    const { clock, limits, store } = this.#settings;
    return new Expiry({
      clock, every: limits.expireEvery, grace: limits.timeoutMin / rules.touchesPerTimeout,
      expire: (limit) => store.expire(limit),
      expired: (ids) => { for (const id of ids) this.#expired(id); },
      failed: (error) => { this.#storeFailed("expire", error); },
      tick: (now) => {
        this.#office.seats.sweep(now);
        if (this.#unsubscribe === "never") this.#subscribe();
      },
    });
  }

  #expired(id: SessionId): void {
    this.#tell("expired", { key: sessionKey(id) });
    this.#ended(id, "expired");
  }

  #ended(id: SessionId, why: "expired" | "closed"): void {
    const seat = this.#office.seats.find(id);
    if (seat?.channel !== undefined) seat.channel.doubted();
    else seat?.end(why);
  }

  /** Tried again with the clock where it fails. */
  #subscribe(): void {
    this.#unsubscribe = "asking";
    whenAnswered(() => this.#settings.store.subscribe((news) => { this.#hear(news); }), (unsubscribe) => {
      this.#unsubscribe = unsubscribe;
      if (this.#closed) unsubscribe();
      for (const watch of this.#watches) watch.look();
    }, (error) => {
      this.#unsubscribe = "never";
      this.#storeFailed("subscribe", error);
    });
  }

  /** What a store tells inside of a call to it waits until that is over. */
  #hear(news: News): void {
    queueMicrotask(() => {
      if (this.#closed) return;
      const { seats } = this.#office;
      switch (news.type) {
        case "appended": seats.find(news.session)?.channel?.appended(news.sent); return;
        case "attached": seats.find(news.session)?.channel?.expelled(news.epoch); return;
        case "ended": this.#ended(news.session, news.why); return;
        case "key": for (const watch of this.#watches) watch.changed(news.key, news.now); return;
        case "missed":
          for (const watch of this.#watches) watch.look();
          return;
        default: news satisfies never;
      }
    });
  }

  #storeFailed(what: string, cause: unknown): void {
    this.#tell("failed", { error: new KeeperError("HF_SESSION_STORE", `the store did not answer to ${what}: it is asked again; see the cause`, { cause }) });
  }

  #tell<Name extends keyof KeeperEvents>(name: Name, event: KeeperEvents[Name][0]): void {
    journal(this.#settings.logger, name, event);
    run(() => { (this.emit as (name: string, event: unknown) => boolean).call(this, name, event); });
  }
}

/** What a listener throws surfaces as an uncaught error, and hurts no session. */
function run(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}
