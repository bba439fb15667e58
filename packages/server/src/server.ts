import { OptionError, type Channel, type EndpointEntry, type Heartbeat, type HoldfastError, type Listener, type Millis, type Transport } from "@holdfast/core";
import { EventEmitter } from "eventemitter3";
import { Admission } from "./admission.ts";
import { Claims } from "./claims.ts";
import { Doors } from "./doors.ts";
import { resolveDrain, type DrainOptions } from "./drain.ts";
import type { Gone, PeerId } from "./events.ts";
import { farewells } from "./farewells.ts";
import { Journal } from "./journal.ts";
import { heartbeatOn, resolveServerOptions, type ServerOptions, type ServerSettings } from "./options.ts";
import type { Peer } from "./peer.ts";
import { Refusals } from "./refusals.ts";
import { Registry } from "./registry.ts";
import type { RefusalCause, ServerEvents } from "./server-events.ts";
import { refusal, shutDown } from "./verdicts.ts";
import type { VisitHost } from "./visit-host.ts";
import { Visit } from "./visit.ts";
import { Voice } from "./voice.ts";

/**
 * The accepting side: greets whoever connects, on any number of listeners of any transport, watches the peers with the same
 * heartbeat as links do, knows who came back, and ends without losing what was started.
 */
export class Server<Out = unknown, In = unknown> extends EventEmitter<ServerEvents<Out, In>> {
  readonly #settings: ServerSettings<Out, In>;
  readonly #journal: Journal;
  readonly #voice = new Voice();
  readonly #doors = new Doors();
  readonly #admission: Admission;
  readonly #refusals: Refusals;
  readonly #registry: Registry<Out, In>;
  readonly #claims: Claims<Out, In>;
  readonly #visits = new Set<Visit<Out, In>>();
  readonly #host: VisitHost<Out, In, Visit<Out, In>>;
  readonly #speaker = { speak: (name: string, event: unknown): void => { (this.emit as (name: string, event: unknown) => boolean).call(this, name, event); } };
  #phase: "open" | "draining" | "closing" | "closed" = "open";
  #epoch = 0;
  #empty: PromiseWithResolvers<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Throws an `OptionError` for an option that cannot work. Nothing is opened before `listen()`. */
  constructor(options: ServerOptions<Out, In>) {
    super();
    const settings = (this.#settings = resolveServerOptions(options));
    this.#journal = new Journal(settings.logger);
    this.#admission = new Admission(settings.limits);
    this.#refusals = new Refusals(settings.clock, () => { this.#look(); });
    this.#registry = new Registry(settings.limits.maxRemembered);
    this.#claims = new Claims(settings, this.#registry, (visit, id) => { this.#admit(visit, id); });
    this.#host = this.#visitHost();
  }

  /** `draining` and later: nobody is accepted any more. */
  get phase(): "open" | "draining" | "closing" | "closed" {
    return this.#phase;
  }

  /** The peers that are greeted, known and not gone, by id. A live view: it changes as they come and go. */
  get peers(): ReadonlyMap<PeerId, Peer<Out, In>> {
    return this.#registry.peers;
  }

  /**
   * Accepts connections there: `await server.listen(tcp(), 'tcp://0.0.0.0:7000')`. Port 0 takes a free one; the listener says
   * which. May be called any number of times. Closing the listener stops accepting there and keeps its peers.
   *
   * Rejects with a `ConnectError` when the address cannot be had, with an `OptionError` for a transport that cannot listen or on
   * which nobody could ping, and with `signal.reason`.
   */
  async listen(transport: Transport, uri: EndpointEntry, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Listener> {
    const heartbeat = heartbeatOn(transport, this.#settings);
    const { framing } = this.#settings.protocol;
    const listener = await this.#doors.open(transport, uri, { signal, framing, accept: (channel) => { this.#accept(channel, heartbeat); } });
    this.#tell("listening", { endpoint: listener.endpoint });
    return listener;
  }

  /**
   * Sends a message to every peer, but to `except`. Returns how many took it. A peer whose outbox is full, or whose protocol
   * cannot encode it, tells so in its own `dropped` and hurts no other.
   */
  broadcast(message: Out, { except }: { readonly except?: Peer<Out, In> } = {}): number {
    let taken = 0;
    for (const visit of this.#registry.visits()) {
      if (visit.peer !== except && visit.mailbox.offer(message)) taken += 1;
    }
    return taken;
  }

  /**
   * Empties the server for a restart: accepts nobody any more and asks every peer to move. `framed()` peers dial elsewhere by
   * themselves at random moments of `spread`; peers whose protocol has no word for it are closed at such moments (WebSocket
   * code 1012). With `to` they are told where to go. Who is left at `within` is closed. Resolves when everybody is gone. The server stays of use only for `close()`.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    const notice = resolveDrain(options);
    if (this.#phase === "open") {
      this.#phase = "draining";
      const shut = this.#doors.shut();
      for (const visit of [...this.#visits]) visit.dismiss(notice);
      await shut;
    }
    await this.#emptied();
  }

  /**
   * Shuts down: stops accepting, sends what waits, says goodbye (WebSocket code 1001), and aborts what is left after `within`
   * ms (0: at the next turn of the event loop; default `limits.drainTimeout`). Resolves when no timer, socket or listener is
   * left. A second call can only shorten the time.
   *
   * Also with 0 the goodbye comes first: a peer hears an orderly end if the system took everything for it in that turn, and is cut
   * off otherwise: over TCP by a reset, over WebSocket without a close frame. To look crashed, abort the peers before.
   */
  close({ within = this.#settings.limits.drainTimeout }: { readonly within?: Millis } = {}): Promise<void> {
    if (typeof within !== "number" || !(within >= 0)) return Promise.reject(new OptionError("within", "a number of milliseconds of at least 0", within));
    if (this.#phase === "closed") return this.#closing ?? Promise.resolve();
    this.#phase = "closing";
    const until = this.#settings.clock.now() + within;
    const shut = this.#closing === undefined ? this.#doors.shut() : undefined;
    for (const visit of [...this.#visits]) visit.part("requested", farewells.leaving, until);
    this.#refusals.cut(shutDown());
    this.#closing ??= this.#end(shut);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- who comes --------------------------------------------------------------------------------------------------

  #accept(channel: Channel, heartbeat: Heartbeat | undefined): void {
    const { remote } = channel;
    const why = this.#phase === "open" ? this.#admission.enter(remote) : "draining";
    if (why !== undefined) {
      const { farewell, error } = refusal(why, remote, this.#settings.limits);
      this.#refusals.turnAway(channel, farewell, error);
      this.#tell("refused", { remote, why, error });
      return;
    }
    const visit = new Visit(channel, (this.#epoch += 1), heartbeat, this.#host);
    this.#visits.add(visit);
    visit.start();
  }

  #visitHost(): VisitHost<Out, In, Visit<Out, In>> {
    return {
      settings: this.#settings,
      voice: this.#voice,
      greeted: (visit) => { this.#admit(visit, visit.id); },
      identified: (visit, id) => { this.#claims.claim(visit, id); },
      overdue: (visit) => { this.#claims.overdue(visit); },
      proven: (visit) => { this.#claims.stays(visit); },
      missed: (visit) => { this.#claims.yields(visit); },
      refused: (visit, why, error) => { this.#refused(visit, why, error); },
      gone: (visit, gone) => { this.#gone(visit, gone); },
      released: (visit) => {
        this.#admission.leave(visit.remote);
        this.#visits.delete(visit);
        this.#look();
      },
    };
  }

  #admit(visit: Visit<Out, In>, id: PeerId): void {
    visit.admit(id);
    const departed = this.#registry.enter(visit);
    const { peer } = visit;
    this.#tell("peer", { peer });
    if (departed !== undefined) this.#tell("peerReturned", { peer, away: this.#settings.clock.now() - departed });
    visit.open();
  }

  #refused(visit: Visit<Out, In>, why: RefusalCause, error: HoldfastError | undefined): void {
    this.#claims.withdraw(visit);
    this.#tell("refused", { remote: visit.remote, why, ...(error && { error }) });
  }

  #gone(visit: Visit<Out, In>, gone: Gone): void {
    this.#registry.leave(visit);
    visit.mailbox.lose(gone);
    this.#tell("peerGone", { peer: visit.peer, ...gone });
    this.#claims.vacates(visit);
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  async #end(shut: Promise<void> | undefined): Promise<void> {
    try {
      await shut;
    } finally {
      await this.#emptied();
      this.#phase = "closed";
      this.#tell("closed");
    }
  }

  async #emptied(): Promise<void> {
    if (this.#visits.size === 0 && this.#refusals.size === 0) return;
    this.#empty ??= Promise.withResolvers();
    await this.#empty.promise;
  }

  #look(): void {
    if (this.#visits.size > 0 || this.#refusals.size > 0) return;
    this.#empty?.resolve();
    this.#empty = undefined;
  }

  #tell<Name extends keyof ServerEvents<Out, In>>(name: Name, ...event: ServerEvents<Out, In>[Name]): void {
    this.#journal.record(name, event[0]);
    this.#voice.say(this.#speaker, name, event[0]);
  }
}
