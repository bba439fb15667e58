import { stepLink, wakeAt } from "../../src/machine/link.ts";
import { idle, type LinkEffect, type LinkEvent, type LinkState, type LossCause } from "../../src/machine/link-state.ts";
import { startPulse, stepPulse } from "../../src/machine/pulse.ts";
import type { PulseEvent } from "../../src/machine/round-trip.ts";
import { shuffle } from "../../src/policy/shuffle.ts";
import { linkWords } from "../machine/in-words.ts";
import { ClientLoop } from "./client-loop.ts";
import { connection, frames, rings, type Connection } from "./connection.ts";
import { Laws, retryAfterMax } from "./laws.ts";
import { kinds, Queue, ranks, type Happening } from "./queue.ts";
import { everywhere, worldRandom, type Fault, type FaultKind, type Script } from "./script.ts";
import { Network } from "./network.ts";
import { Record } from "./record.ts";
import { Servers } from "./servers.ts";

const wake: PulseEvent = { type: "wake" };
const byUser: ReadonlySet<FaultKind> = new Set(["close", "abort", "retry now", "probe", "migrate"]);
const turned: PulseEvent = { type: "turned" };

/**
 * A client, up to three servers and the network between them, driven by the pure machines alone: no promise, no timer, no socket.
 * The client is a link machine with a pulse per channel, each server has a pulse per peer.
 */
export class World {
  readonly #script: Script;
  readonly #faults: readonly Fault[];
  readonly #random: () => number;
  readonly laws: Laws;
  readonly #queue: Queue = new Queue();
  readonly #connections: Connection[] = [];
  readonly #network: Network;
  readonly #servers: Servers;
  readonly #healedAt: number;
  #now = 0;
  #link: LinkState = idle;
  #alarm = Infinity;
  readonly #loop: ClientLoop = new ClientLoop();
  #sourceFails = 0;
  readonly record: Record;

  constructor(script: Script, { faults = script.faults.length, trace = false }: { readonly faults?: number; readonly trace?: boolean } = {}) {
    this.#script = script;
    this.#faults = script.faults.slice(0, faults);
    this.#random = worldRandom(script.seed);
    this.laws = new Laws(script);
    this.#network = new Network(this.#queue, this.#random, script);
    this.#servers = new Servers(script, this.#network, this.#queue, this.#random, this.laws);
    this.#healedAt = this.#faults.reduce((latest, { at, lasts }) => Math.max(latest, at + lasts), 0);
    this.record = new Record({ trace });
  }

  /** Runs the schedule to its end. Throws `Broken` where a law is. */
  run(): void {
    for (const [index, { at }] of this.#faults.entries()) this.#queue.add(at, ranks.arrival, kinds.fault, undefined, index, 0);
    this.#step({ type: "open" });
    const { heartbeat: { interval, maxMisses, timeout }, policy, servers } = this.#script;
    const deadline = this.#healedAt + interval + 4 * maxMisses * timeout + 2 * servers * policy.dialTimeout + 60_000;
    for (let event = this.#queue.take(); event !== undefined && event.at <= deadline && !this.#settled(); event = this.#queue.take()) {
      if (this.#putOff(event)) continue;
      this.#now = event.at;
      this.record.event(event);
      this.#happen(event);
      this.laws.transports(this.#connections, this.#link);
    }
    this.laws.end(this.#link, this.#connections);
  }

  #settled(): boolean {
    if (this.#now <= this.#healedAt || this.#loop.ready(kinds.toClient) > this.#now) return false;
    if (this.#link.phase === "closed") return this.#link.slots.length === 0 && this.#queue.size === 0;
    return this.#link.phase === "connected" && this.#connections.some(({ client, proofAt }) => client === "open" && proofAt > this.#healedAt);
  }

  /** A stalled loop sees nothing until it wakes. */
  #putOff(event: Happening): boolean {
    const { kind, connection: made } = event;
    const atServer = kind === kinds.serverAlarm || kind === kinds.toServer || kind === kinds.serverTurn;
    const outside = kind === kinds.fault && !byUser.has((this.#faults[event.what] as Fault).kind); // Made from the same list.
    const until = atServer ? this.#network.weather(made?.server ?? 0).stalled : outside ? 0 : this.#loop.ready(kind);
    if (event.at >= until) return false;
    if (made && atServer) made.clientTrouble = Math.max(made.clientTrouble, until);
    else if (made) made.serverTrouble = Math.max(made.serverTrouble, until);
    event.at = until;
    this.#queue.put(event);
    return true;
  }

  #happen({ at, kind, connection: made, what, value }: Happening): void {
    if (kind === kinds.linkAlarm) {
      if (at < this.#alarm) return; // Replaced by an earlier one, too.
      this.#alarm = Infinity;
      this.#step({ type: "wake" });
    } else if (kind === kinds.fault) this.#fault(this.#faults[what] as Fault); // Made from the same list.
    else if (kind === kinds.listed) this.#listed(what);
    else if (made) this.#connected(made, kind, what, value);
  }

  #connected(made: Connection, kind: number, what: number, value: number): void {
    switch (kind) {
      case kinds.accepted: this.#accepted(made); return;
      case kinds.refused: this.#refused(made); return;
      case kinds.clientAlarm: if (rings(made, "clientAlarm", this.#now)) this.#clientPulse(made, wake); return;
      case kinds.serverAlarm: if (rings(made, "serverAlarm", this.#now)) this.#servers.pulse(made, wake, this.#now); return;
      case kinds.clientTurn: this.#clientPulse(made, turned); return;
      case kinds.serverTurn: this.#servers.pulse(made, turned, this.#now); return;
      case kinds.toClient: this.#toClient(made, what, value); return;
      default: this.#servers.frame(made, what, value, this.#now);
    }
  }

  #step(event: LinkEvent): void {
    const before = this.#link;
    const stale = "epoch" in event && !("slots" in before && before.slots.some(({ epoch }) => epoch === event.epoch));
    const { state, effects } = stepLink(this.#script.policy, before, event, { now: this.#now, dice: this.#random() });
    this.#link = state;
    for (const effect of effects) this.#obey(effect);
    this.laws.step(before, event, state, effects, stale, this.#now);
    const at = wakeAt(this.#script.policy, state);
    if (at < this.#alarm) this.#queue.add((this.#alarm = Math.max(at, this.#now)), ranks.alarm, kinds.linkAlarm, undefined, 0, 0);
  }

  #obey(effect: LinkEffect): void {
    this.record.effect(() => linkWords(effect), effect.type.length);
    if (effect.type === "dial") this.#dial(effect.epoch, effect.index);
    else if (effect.type === "resolve") this.#queue.add(this.#now + 5, ranks.arrival, kinds.listed, undefined, effect.epoch, 0);
    else if (effect.type === "hangUp") this.#hangUp(effect.epoch, effect.how);
    else if (effect.type === "hold") this.#hold();
    else if (effect.type === "greet") this.#begin(effect.epoch);
    else if (effect.type === "probe") this.#probe(effect.epoch);
  }

  #begin(epoch: number): void {
    const made = this.#made(epoch);
    if (made === undefined) return;
    made.begun = true;
    if (made.hello) this.#queue.add(this.#now, ranks.arrival, kinds.toClient, made, frames.hello, 0);
  }

  #probe(epoch: number): void {
    const made = this.#made(epoch);
    if (made) this.#clientPulse(made, { type: "probe" });
  }

  #made(epoch: number): Connection | undefined {
    return this.#connections.find((one) => one.epoch === epoch);
  }

  /** Sends no more on the channel in use, and asks whether everything has arrived. */
  #hold(): void {
    const epoch = "slots" in this.#link ? this.#link.slots.find(({ stage }) => stage === "active" || stage === "leaving")?.epoch : undefined;
    const made = this.#connections.find((one) => one.epoch === epoch);
    if (made === undefined) return;
    made.held = true;
    this.#clientPulse(made, { type: "probe" });
  }

  #listed(epoch: number): void {
    const fails = this.#now < this.#sourceFails;
    const endpoints = shuffle(["a", "b", "c"].slice(0, this.#script.servers), this.#random);
    this.#step(fails ? { type: "lost", epoch, cause: "failed", next: "retry", retryAfter: 0 } : { type: "resolved", epoch, endpoints });
  }

  #dial(epoch: number, index: number): void {
    const made = connection(epoch, "abc".indexOf(("course" in this.#link && this.#link.course.endpoints[index]) || "?"), this.#now);
    this.#connections.push(made);
    this.#network.dial(made, this.#now);
  }

  #refused(made: Connection): void {
    if (made.client !== "dialling") return;
    const { refusal } = this.#network.weather(made.server);
    made.client = "gone";
    const next = refusal === "refuse: stop" ? "stop" : refusal === "refuse: elsewhere" ? "elsewhere" : "retry";
    this.#step({ type: "lost", epoch: made.epoch, cause: "refused", next, retryAfter: refusal === "refuse: later" ? this.#random() * retryAfterMax : 0 });
  }

  #accepted(made: Connection): void {
    if (made.client === "dialling") made.client = "open";
    else this.#network.send(made, true, frames.reset, 0, this.#now); // It came after the dial was given up.
    this.#step({ type: "dialed", epoch: made.epoch });
  }

  #hangUp(epoch: number, how: "close" | "abort"): void {
    const made = this.#connections.find((one) => one.epoch === epoch);
    if (made === undefined || made.client === "gone") return;
    const open = made.client !== "dialling";
    made.clientPulse = undefined;
    made.client = how === "close" && open ? "parting" : "gone";
    if (open) this.#network.send(made, true, how === "close" ? frames.bye : frames.reset, 0, this.#now);
  }

  #lost(made: Connection, cause: LossCause): void {
    made.client = "gone";
    made.clientPulse = undefined;
    this.#step({ type: "lost", epoch: made.epoch, cause, next: "retry", retryAfter: 0 });
  }

  #toClient(made: Connection, frame: number, value: number): void {
    const { epoch } = made;
    const over = made.client === "gone" || made.client === "dialling";
    if (!over) made.clientHeard = this.#now;
    if (made.client !== "gone" && made.doubted && frame < frames.bye) {
      made.doubted = false;
      this.#step({ type: "answered", epoch });
    }
    switch (frame) {
      case frames.hello: this.#greeted(made); return;
      case frames.ping: if (!over) this.#network.send(made, true, frames.pong, value, this.#now); return;
      case frames.pong: this.#clientPulse(made, { type: "pong", nonce: value }); return;
      // Also told of a channel that is over: late news must change nothing.
      case frames.leave: this.#step({ type: "leave", epoch, within: value, spread: value / 2 }); return;
      case frames.bye: this.#lost(made, "closed"); return;
      case frames.reset: this.#lost(made, "reset"); return;
      default:
    }
  }

  #greeted(made: Connection): void {
    made.hello = true;
    if (!made.begun) return;
    const before = this.#link;
    this.#step({ type: "greeted", epoch: made.epoch });
    if (this.#link === before || made.client !== "open") return;
    made.proofAt = this.#now;
    made.stalledAtProof = this.#loop.stalled;
    made.clientPulse = startPulse(this.#script.heartbeat, this.#now, this.#random());
    this.#armPulse(made, made.clientPulse.wakeAt);
  }

  #clientPulse(made: Connection, event: PulseEvent): void {
    if (made.clientPulse === undefined) return;
    const asking = made.clientPulse.phase === "asking";
    const { state, effects } = stepPulse(this.#script.heartbeat, made.clientPulse, event, { now: this.#now, heardAt: made.clientHeard, sentAt: made.clientSent });
    made.clientPulse = state;
    if (asking && state.phase === "resting") {
      made.proofAt = this.#now;
      made.stalledAtProof = this.#loop.stalled;
    }
    for (const effect of effects) {
      this.record.mix(effect.type.length, 0);
      if (effect.type === "ping") {
        made.clientSent = this.#now;
        this.#network.send(made, true, frames.ping, effect.nonce, this.#now);
      } else if (effect.type === "suspected" || effect.type === "missed") this.#suspected(made);
      else if (effect.type === "yield") this.#queue.add(this.#now, ranks.turn, kinds.clientTurn, made, 0, 0);
      else if (effect.type === "gone") {
        this.laws.verdict("client", made.clientTrouble, this.#now);
        this.#network.send(made, true, frames.reset, 0, this.#now);
        this.#lost(made, "heartbeat");
        return;
      }
    }
    this.laws.overdue(made, this.#now, this.#loop.stalled);
    this.#armPulse(made, state.wakeAt);
    if (asking && state.phase === "resting") this.#step({ type: made.held ? "settled" : "proven", epoch: made.epoch });
  }

  /** Told of every channel: the machine knows which one is in use. */
  #suspected(made: Connection): void {
    made.doubted = true;
    if (this.#script.policy.suspicion) this.#step({ type: "suspected", epoch: made.epoch });
  }

  #armPulse(made: Connection, at: number): void {
    if (at < made.clientAlarm) this.#queue.add((made.clientAlarm = at), ranks.alarm, kinds.clientAlarm, made, 0, 0);
  }

  #fault(fault: Fault): void {
    const { kind, server, lasts, dice } = fault;
    this.record.effect(() => `${kind}${lasts > 0 ? ` at ${"abc"[server] ?? "all"} for ${Math.round(lasts)}` : ""}`, lasts);
    if (kind === "client stall") this.#loop.stall(this.#now, lasts);
    else if (kind === "client sleep") {
      const trouble = this.#loop.sleep(this.#now, lasts, this.#script.heartbeat);
      for (const made of this.#connections) made.clientTrouble = Math.max(made.clientTrouble, trouble ?? -Infinity);
    } else if (kind === "source fails") this.#sourceFails = Math.max(this.#sourceFails, this.#now + lasts);
    else if (kind === "close" || kind === "abort") this.#step({ type: "close", how: kind });
    else if (kind === "retry now") this.#step({ type: "retryNow" });
    else if (kind === "migrate") this.#step({ type: "migrate", endpoint: dice < 0.5 ? undefined : "abc"[Math.floor(dice * 6) - 3] });
    else if (kind === "probe" || kind === "reset" || kind === "drain") {
      for (const made of this.#connections) {
        if (kind === "probe") this.#clientPulse(made, { type: "probe" });
        else if (server !== everywhere && made.server !== server) continue;
        else if (kind === "reset") this.#servers.reset(made, this.#now);
        else this.#servers.leave(made, dice * 4_000, this.#now);
      }
    } else this.#network.fault(fault);
  }
}
