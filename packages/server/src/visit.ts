import type { Channel, Endpoint, Farewell, Heartbeat, HoldfastError, LeaveNotice, LossCause, Millis, Role, Terms } from "@holdfast/core";
import { LazyAlarm, Wire, type WireOwner } from "@holdfast/core/engine";
import type { PeerCause, PeerId } from "./events.ts";
import { farewells } from "./farewells.ts";
import { Introduction } from "./identity.ts";
import { Mailbox } from "./mailbox.ts";
import { Peer, type PeerConnection } from "./peer.ts";
import type { RefusalCause } from "./server-events.ts";
import { causeOfEnd, causeOfRefusal, isPeer, type Stage } from "./stage.ts";
import type { VisitHost } from "./visit-host.ts";
import { aborted, late, stalled, unparted } from "./verdicts.ts";

/** One accepted channel, from the first byte to the last. See `Stage`. */
export class Visit<Out, In> implements WireOwner<In>, PeerConnection<Out, In> {
  id: PeerId;
  readonly peer: Peer<Out, In>;
  readonly remote: Endpoint;
  readonly wire: Wire<Out, In>;
  readonly mailbox: Mailbox<Out, In>;
  readonly #channel: Channel;
  readonly #host: VisitHost<Out, In, Visit<Out, In>>;
  readonly #role: Role;
  readonly #introduction: Introduction<Out, In> | undefined;
  readonly #alarm: LazyAlarm;
  #stage: Stage;
  #doubtedAt: Millis | undefined;
  #oneWay: boolean;
  #released: PromiseWithResolvers<void> | undefined;
  #closed = false;

  /** `epoch`: the number of the connection. */
  constructor(channel: Channel, epoch: number, heartbeat: Heartbeat | undefined, host: VisitHost<Out, In, Visit<Out, In>>) {
    const { protocol, clock, random, limits, identify } = host.settings;
    this.remote = channel.remote;
    this.#channel = channel;
    this.#host = host;
    this.id = epoch;
    this.#stage = { phase: "greeting", until: clock.now() + limits.greetingTimeout };
    this.#oneWay = heartbeat?.mode === "one-way";
    this.#role = { side: "listener", duty: "active", epoch, remote: channel.remote, clock, random };
    this.wire = new Wire({ owner: this, channel, protocol, role: this.#role, heartbeat, clock, random });
    this.#alarm = new LazyAlarm(clock, () => { this.#wake(); });
    this.peer = new Peer(this);
    this.mailbox = new Mailbox(this.peer, this.wire, host.settings, host.voice);
    this.#introduction = identify && new Introduction(identify, this.peer, limits.maxUnread, {
      pause: () => this.wire.pause(),
      identified: (id) => { host.identified(this, id); },
      refused: (error) => { this.turnAway("identity", farewells.unknown, error); },
    });
  }

  /** There is reason to believe that this connection is dead, or it soon will be. */
  get doubtful(): boolean {
    if (this.#stage.phase !== "admitted") return true;
    return this.#doubtedAt !== undefined && !(this.#oneWay && this.wire.heardAt > this.#doubtedAt);
  }

  // --- from the server --------------------------------------------------------------------------------------------

  start(): void {
    this.#enter(this.#stage);
    this.wire.start(this.#host.settings.protocol, this.#role);
  }

  /** Somebody else has its identity: nothing more is read until it is decided who stays. */
  wait(until: Millis): void {
    this.#introduction?.hold();
    this.#enter({ phase: "waiting", until });
  }

  admit(id: PeerId): void {
    this.id = id;
    this.#enter({ phase: "admitted", asked: false, until: Infinity });
  }

  /** Delivers what it said before it was admitted, and reads on. */
  open(): void {
    // Resumed first: a reader may pause it again while it gets what was held.
    this.#introduction?.release(() => { this.wire.resume(); });
    for (const message of this.#introduction?.end() ?? []) this.message(message);
  }

  /** Sends away one who is not a peer. */
  turnAway(why: RefusalCause, farewell: Farewell, error?: HoldfastError): void {
    const { phase } = this.#stage;
    if (phase === "admitted" || phase === "leaving" || phase === "gone") return;
    this.#enter({ phase: "leaving", cause: undefined, until: this.#now() + this.#host.settings.limits.drainTimeout });
    this.#introduction?.end();
    this.mailbox.finish();
    // Where nothing was greeted a goodbye in the words of the protocol would be taken for a strange greeting.
    if (phase === "greeting") this.#channel.close(farewell);
    else this.wire.close(farewell);
    this.#host.refused(this, why, error);
  }

  /** The server empties: asks the peer to move, or closes it in its turn where the protocol has no word for that. */
  dismiss(notice: LeaveNotice): void {
    if (this.#stage.phase !== "admitted") {
      this.turnAway("draining", farewells.moving);
      return;
    }
    const time = this.wire.dismiss(notice) ? notice.within : this.#host.settings.random() * notice.spread;
    this.#enter({ phase: "admitted", asked: true, until: this.#now() + time });
  }

  /** Ends it politely, and for good at `until`. */
  part(cause: PeerCause, farewell: Farewell | undefined, until: Millis): void {
    const stage = this.#stage;
    if (stage.phase === "admitted") {
      this.#enter({ phase: "leaving", cause, until });
      this.mailbox.finish();
      this.wire.close(farewell);
    } else {
      this.turnAway("draining", farewell ?? {});
      if (this.#stage.until > until) this.#enter({ ...this.#stage, until });
    }
  }

  /** Ends it now. */
  expel(cause: PeerCause, error: HoldfastError): void {
    this.wire.abort(error);
    this.#end(cause, error);
  }

  // --- from the user, through the peer ----------------------------------------------------------------------------

  close(farewell?: Farewell): Promise<void> {
    if (this.#closed) return Promise.resolve();
    // Only `identify` knows it before it is admitted.
    this.turnAway("identity", farewell ?? farewells.unknown);
    this.part("requested", farewell, this.#now() + this.#host.settings.limits.drainTimeout);
    this.#released ??= Promise.withResolvers();
    return this.#released.promise;
  }

  abort(error?: Error): void {
    this.expel("requested", aborted(this, error));
  }

  // --- from the wire ----------------------------------------------------------------------------------------------

  greeted(_wire: unknown, { answered = true }: Terms): void {
    if (this.#stage.phase !== "greeting") return;
    if (!answered) this.#oneWay = true;
    if (this.#introduction === undefined) this.#host.greeted(this);
    else this.#enter({ ...this.#stage, phase: "identifying" });
  }

  message(message: In): void {
    const stage = this.#stage;
    if (isPeer(stage)) this.mailbox.receive(message);
    else if (stage.phase === "identifying" || stage.phase === "waiting") this.#introduction?.push(message);
  }

  wireDrained(): void { this.mailbox.flush(); }
  blocked(): void { this.#alarm.set(this.#wakeAt()); }
  leave(): void { /* A client that asks its server to move: there is nowhere to go. */ }

  missed(_wire: unknown, misses: number, of: number): void {
    this.#doubtedAt = this.#now();
    this.mailbox.tell("missed", { misses, of });
    this.#host.missed(this);
  }

  suspected(): void {
    this.#doubtedAt = this.#now();
    this.mailbox.tell("suspected");
  }

  proven(): void {
    this.#doubtedAt = undefined;
    this.#host.proven(this);
  }

  ended(_wire: unknown, cause: LossCause, error: HoldfastError | undefined): void {
    this.#end(causeOfEnd(this.#stage, cause, error), error);
  }

  released(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alarm.clear();
    this.#released?.resolve();
    this.#host.released(this);
  }

  // --- within -----------------------------------------------------------------------------------------------------

  #now(): Millis {
    return this.#host.settings.clock.now();
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#alarm.set(this.#wakeAt());
  }

  #wakeAt(): Millis {
    const stage = this.#stage;
    return stage.phase === "admitted" ? Math.min(stage.until, this.wire.blockedSince + this.#host.settings.limits.stalledAfter) : stage.until;
  }

  /** Nobody is judged before the sockets were read: the loop may have been asleep, and not the peer. */
  #wake(): void {
    if (this.#now() < this.#wakeAt()) this.#alarm.set(this.#wakeAt());
    else this.#host.settings.clock.turn(() => { this.#judge(); });
  }

  #judge(): void {
    if (this.#closed) return;
    if (this.#now() < this.#wakeAt()) {
      this.#alarm.set(this.#wakeAt());
      return;
    }
    const { limits } = this.#host.settings;
    const stage = this.#stage;
    switch (stage.phase) {
      case "greeting": case "identifying":
        this.turnAway("greetingTimeout", farewells.late, late(stage.phase, this.remote, limits.greetingTimeout));
        return;
      case "waiting": this.#host.overdue(this); return;
      case "admitted":
        if (stage.until <= this.#now()) this.part("drained", farewells.moving, this.#now() + limits.drainTimeout);
        else this.expel("stalled", stalled(this, limits.stalledAfter));
        return;
      case "leaving": case "gone": this.#cut(); return;
      default: stage satisfies never;
    }
  }

  /** The time for goodbyes is over. */
  #cut(): void {
    const stage = this.#stage;
    this.expel((stage.phase === "leaving" ? stage.cause : undefined) ?? "requested", unparted(this));
  }

  #end(cause: PeerCause, error: HoldfastError | undefined): void {
    const stage = this.#stage;
    if (stage.phase === "gone") return;
    this.#enter({ phase: "gone", until: Infinity });
    this.#introduction?.end();
    if (isPeer(stage)) {
      this.#host.gone(this, { cause, unconfirmed: this.wire.unconfirmed, ...(error && { error }) });
      return;
    }
    this.mailbox.lose();
    if (stage.phase !== "leaving") this.#host.refused(this, causeOfRefusal(cause), error);
  }
}
