import type { HoldfastError, Millis, Terms } from "@holdfast/core";
import { expiredError, SessionError } from "../errors/session-error.ts";
import { connectionLoss } from "../errors/zookeeper-error.ts";
import type { Host, Notification } from "../protocol/conversation.ts";
import { helloPacket, type Welcome } from "../protocol/greeting.ts";
import type { InFlight } from "../protocol/request.ts";
import { WatchRegistry } from "../watches/registry.ts";
import { Authentication } from "./authentication.ts";
import { Ephemerals } from "./ephemerals.ts";
import type { SessionEvents } from "./events.ts";
import type { Settings } from "./options.ts";
import { Presumption } from "./presumption.ts";
import { SessionRecord } from "./record.ts";

/** Where news of the session is heard. */
export interface Voice {
  tell<Name extends keyof SessionEvents>(name: Name, ...payload: SessionEvents[Name]): void;
  /** Runs a listener; what it throws breaks nothing here. */
  run(listener: () => void): void;
  /** Requests wait for answers, after none did. */
  asking(): void;
}

/**
 * What goes on from one server to the next: the session itself, whom it has authenticated as, and its watches. Each channel begins with
 * them, in this order: the greeting, the credentials, the watches; only then come requests.
 */
export class Continuity implements Host {
  readonly #settings: Settings;
  readonly #voice: Voice;
  readonly record: SessionRecord;
  readonly authentication: Authentication;
  readonly watches: WatchRegistry;
  readonly presumption: Presumption;
  readonly ephemerals: Ephemerals = new Ephemerals();
  /** What the present greeting asked for, and when. */
  #asked = { id: 0n, at: 0 };
  /** The server has no quorum. */
  readOnly = false;
  /** Why no request will ever be answered again. */
  over: SessionError | undefined;

  constructor(settings: Settings, voice: Voice) {
    const { ticket, sessionTimeout, auth, root, clock } = settings;
    this.#settings = settings;
    this.#voice = voice;
    this.record = ticket === undefined ? new SessionRecord(sessionTimeout) : SessionRecord.of(ticket);
    this.authentication = new Authentication(auth);
    this.watches = new WatchRegistry(root, (listener, event) => { voice.run(() => { listener(event); }); });
    this.presumption = new Presumption(clock, (presumed) => { voice.tell(presumed ? "presumedExpired" : "restored"); });
  }

  get maxPacketBytes(): number {
    return this.#settings.maxPacketBytes;
  }

  hello(): Buffer {
    const hello = this.record.hello(this.#settings.sessionTimeout, this.#settings.readOnly);
    this.#asked = { id: hello.sessionId, at: this.#settings.clock.now() };
    return helloPacket(hello);
  }

  /** Believes nothing unchecked: ZooKeeper's own client takes whatever id it is given, and never learns that its nodes are gone. */
  welcomed(welcome: Welcome): { readonly opening: readonly Buffer[]; readonly terms: Terms } {
    const { id: asked, at } = this.#asked;
    const refused = welcome.timeout <= 0;
    const resumed = !refused && asked !== 0n && welcome.sessionId === asked;
    if (refused || (asked !== 0n && !resumed)) this.#expired();
    if (refused) throw new SessionError("ZK_SESSION_EXPIRED", "the session has expired; a new one is on its way", { next: "retry" });
    this.record.granted(welcome);
    this.readOnly = welcome.readOnly;
    this.presumption.granted(welcome.timeout, at);
    const { interval = Math.max(250, welcome.timeout / 3), timeout = Math.max(250, welcome.timeout / 15), maxMisses = 3 } = this.#settings.heartbeat;
    return {
      opening: [...this.authentication.greet(), ...this.watches.restore(this.record.lastZxid)],
      terms: { hearWithin: interval, answerWithin: timeout, maxMisses, resumed },
    };
  }

  notified(event: Notification): void {
    this.watches.notified(event);
    if (event.zxid > 0n) this.seen(event.zxid);
  }

  watchesSet(): void {
    this.watches.restored();
  }

  proven(sentAt: Millis): void {
    this.presumption.proven(sentAt);
  }

  seen(zxid: bigint): void {
    if (zxid > this.record.lastZxid) this.record.lastZxid = zxid;
  }

  authorized(): void {
    this.authentication.agreed();
  }

  unauthorized(): HoldfastError {
    return new SessionError("ZK_AUTH_FAILED", "the servers refuse the credentials, and the connection with them: check the scheme and the secret");
  }

  asking(): void {
    this.#voice.asking();
  }

  parted(lost: InFlight, error: Error | undefined): void {
    const final = this.over ?? (error instanceof SessionError && error.next === "stop" ? error : undefined);
    for (let request = lost.take(); request !== undefined; request = lost.take()) {
      if (!request.settled) request.reject(final ?? connectionLoss(request.operation, "unknown", error));
    }
  }

  /** Nothing goes on. */
  end(error: SessionError): void {
    this.over ??= error;
    this.authentication.end(this.over);
    this.presumption.forget();
  }

  /** A server has said that the session is over: the client ends with it, or a new one is begun. */
  #expired(): void {
    const renewed = this.#settings.onExpiry === "renew";
    this.record.forget();
    this.presumption.forget();
    if (!renewed) this.over = expiredError();
    this.#voice.tell("expired", { ephemerals: this.ephemerals.take(), renewed });
    if (this.over !== undefined) throw this.over;
  }
}
