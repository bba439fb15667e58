import type { LinkEffect, LinkEvent, LinkState, Slot } from "../../src/machine/link-state.ts";
import { patience } from "../../src/machine/round-trip.ts";
import { roundTripTime } from "../../src/machine/pulse.ts";
import { detectionBound } from "../../src/policy/heartbeat.ts";
import type { Connection } from "./connection.ts";
import { backoffMax, type Script } from "./script.ts";

/** A law of links was broken; its number is that of the invariant. */
export class Broken extends Error {
  constructor(law: string, words: string) {
    super(`${law} is broken: ${words}`);
  }
}

/** Longest pause a refusing server asks for here. */
export const retryAfterMax = 5_000;

/** The laws of links, checked at every step of a schedule. */
export class Laws {
  readonly #script: Script;
  #closedReports = 0;
  #dialsSinceWait = 0;
  readonly #dialledSinceWait = new Set<string>();
  /** Who failed or was lost last, since the last wait. */
  #gone: string | undefined;
  /** Last. */
  #dialled: string | undefined;
  /** Candidates of the present lap of a move. */
  #candidates = 0;
  /** Spares of the present lap. */
  #spares = 0;
  /** When the link last moved by a suspicion, and how often it did. */
  #fled = -Infinity;
  flights = 0;
  /** Losses after which the link was connected in the same step. */
  takeovers = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  step(before: LinkState, event: LinkEvent, after: LinkState, effects: readonly LinkEffect[], stale: boolean, now: number): void {
    if (stale && (after !== before || effects.length > 0)) throw new Broken("I7", `late news changed something: ${event.type}`);
    if (before.phase === "closed" && (after.phase !== "closed" || effects.some(({ type }) => type !== "hangUp"))) throw new Broken("I5", `a closed link acts at ${event.type}`);
    if ("epoch" in before && "epoch" in after && after.epoch < before.epoch) throw new Broken("I7", "an epoch went back");
    // The count starts afresh after a stable connection only; each dial counts one.
    const ended = before.phase === "connected" && after.phase !== "connected";
    if ("course" in before && "course" in after && (after.course.attempt < before.course.attempt || (ended && after.course.attempt === before.course.attempt))) this.#lap();
    const moving = before.phase === "connected" && before.move !== undefined;
    if (!moving || before.move.until < Infinity) this.#candidates = 0;
    const harmed = effects.some((effect) => effect.type === "report" && effect.report.name === "disconnected");
    if (harmed && (event.type === "suspected" || event.type === "answered" || event.type === "proven")) throw new Broken("I18", "a suspicion ended a connection");
    if (harmed && after.phase === "connected") this.takeovers += 1;
    if (before.phase === "connected" && after.phase === "connected") this.#flight(before, after, effects, now);
    const resting = before.phase !== "connected" || before.fill === undefined || before.fill.until < Infinity;
    if (resting) this.#spares = 0;
    const spare = effects.some((effect) => effect.type === "dial" && "slots" in after && after.slots.some((slot) => slot.epoch === effect.epoch && slot.spare));
    if (spare) this.#spares += 1;
    if (this.#spares > this.#script.servers) throw new Broken("I14", "more spares were dialled than there are endpoints, without a wait");
    if (before.phase === "connecting" && (event.type === "greeted" || event.type === "dialed") && "slots" in after) this.#outrun(before, after);
    for (const effect of effects) this.#effect(effect, after.phase === "connected", spare);
  }

  /** Whoever was dialled after the winner of a race has its turn again. */
  #outrun(before: { readonly slots: readonly Slot[] }, after: { readonly slots: readonly Slot[] }): void {
    const winner = after.slots.find(({ stage }) => stage === "greeting" || stage === "active");
    for (const { epoch, endpoint, stage, spare } of before.slots) {
      const lost = after.slots.every((slot) => slot.epoch !== epoch);
      if (!lost || epoch < (winner?.epoch ?? 0) || spare || stage === "resolving") continue;
      this.#dialsSinceWait -= 1;
      this.#dialledSinceWait.delete(endpoint);
    }
  }

  /** Moves by suspicion keep their distance. */
  #flight(before: Extract<LinkState, { phase: "connected" }>, after: LinkState, effects: readonly LinkEffect[], now: number): void {
    if (!effects.some((effect) => effect.type === "report" && effect.report.name === "migrated" && effect.report.cause === "suspected")) return;
    if (before.doubt === undefined || now - this.#fled < this.#script.policy.stableAfter) throw new Broken("I18", "moved by a suspicion too soon, or without one");
    this.#fled = now;
    this.flights += 1;
  }

  #effect(effect: LinkEffect, candidate: boolean, spare: boolean): void {
    if (candidate && (effect.type === "dial" || (effect.type === "report" && effect.report.name === "connecting"))) {
      // A move has a lap of its own, without the endpoint we are on.
      if (effect.type === "dial" && !spare) this.#candidates += 1;
      if (effect.type === "report" && effect.report.name === "connecting") this.#dialled = effect.report.endpoint;
      this.#dialledSinceWait.clear(); // A move changes whose turn it is; the number of dials stays bounded.
      // A source may change the order in the middle of a lap.
      const { servers, policy } = this.#script;
      if (this.#candidates > (policy.endpoints === undefined ? servers : Math.max(1, servers - 1))) throw new Broken("I14", "more candidates than other endpoints without a wait");
      return;
    }
    if (effect.type === "dial") {
      this.#dialsSinceWait += 1;
      if (this.#dialsSinceWait > this.#script.servers) throw new Broken("I14", "more dials than endpoints without a wait");
    }
    if (effect.type !== "report") return;
    const { report } = effect;
    if (report.name === "closed") {
      this.#closedReports += 1;
      if (this.#closedReports > 1) throw new Broken("I6", "closed twice");
      if (report.cause === "exhausted") throw new Broken("I15", "gave up although nobody set a limit");
    }
    // Lists of a source may shrink: whoever had its turn before the last one may come once more.
    const fixed = this.#script.policy.endpoints !== undefined;
    if (report.name === "failed" || report.name === "disconnected") this.#gone = fixed || report.endpoint === this.#dialled ? report.endpoint : undefined;
    if (report.name === "connecting") {
      if (report.endpoint === this.#gone) throw new Broken("I14", `${report.endpoint} was dialled at once after it had failed`);
      if (!fixed) this.#gone = undefined;
      const twice = this.#dialledSinceWait.has(report.endpoint) && fixed;
      if (twice) throw new Broken("I14", `${report.endpoint} was dialled twice without a wait`);
      this.#dialled = report.endpoint;
      this.#dialledSinceWait.add(report.endpoint);
    }
    if (report.name !== "waiting") return;
    this.#lap();
    if (!(report.delay >= 0 && report.delay <= backoffMax + retryAfterMax)) throw new Broken("I14", `a wait of ${report.delay} ms`);
  }

  #lap(): void {
    this.#gone = undefined;
    this.#dialsSinceWait = 0;
    this.#dialledSinceWait.clear();
  }

  /** At any time one transport in use or on its way, two while the link moves, one per server while dials are staggered, and the reserve; the others say goodbye. */
  transports(connections: readonly Connection[], link: LinkState): void {
    let open = 0;
    let parting = 0;
    for (const { client } of connections) {
      if (client === "open") open += 1;
      if (client === "parting") parting += 1;
    }
    const doubted = link.phase === "connected" && link.doubt !== undefined;
    // While the link moves nothing is given back.
    const ready = link.phase === "connected" && link.move !== undefined ? link.slots.filter(({ stage }) => stage === "spare").length : 0;
    const reserve = Math.max(this.#script.policy.spares, doubted ? 1 : 0, ready) + (this.#script.policy.priority ? 1 : 0);
    const racers = link.phase === "connecting" && this.#script.policy.stagger < Infinity ? this.#script.servers : 1;
    const allowed = (link.phase === "connected" && link.move !== undefined ? 2 : racers) + reserve;
    if (open > allowed) throw new Broken("I8", `${open} transports are open and none of them says goodbye`);
    if (open + parting > this.#script.policy.maxChannels) throw new Broken("I8", "more transports are open than allowed");
  }

  /** While a client has a pulse: has it been without proof for longer than its bound? `stalled`: how long its own loop slept, ever. */
  overdue({ clientPulse, clientHeard, proofAt, stalledAtProof }: Connection, now: number, stalled: number): void {
    const { heartbeat } = this.#script;
    if (clientPulse === undefined) return;
    const timeout = patience(heartbeat, roundTripTime(clientPulse));
    const asleep = stalled - stalledAtProof;
    // The time we slept does not count, and earns the peer one more ping.
    const grace = asleep > 0 ? asleep + timeout + 1 : 1;
    const bound = detectionBound(heartbeat, clientHeard > proofAt ? "talking" : "silent", timeout) + grace;
    if (now - proofAt > bound) throw new Broken("I13", `no proof for ${Math.round(now - proofAt)} ms, and still not gone (bound ${Math.round(bound)} ms)`);
  }

  /** A side gave the other up: was there a reason? */
  verdict(who: string, trouble: number, now: number): void {
    if (now > trouble + 2 * this.#script.heartbeat.timeout + 1_000) throw new Broken("I13", `the ${who} gave up a peer that was well; the last trouble was ${trouble === -Infinity ? "never" : `${Math.round(now - trouble)} ms ago`}`);
  }

  /** Everything has had its time since the last fault. */
  end(link: LinkState, connections: readonly Connection[]): void {
    if (link.phase !== "closed") {
      if (link.phase !== "connected") throw new Broken("I15", `still ${link.phase} long after the last fault`);
      return;
    }
    if (this.#closedReports !== 1) throw new Broken("I6", "closed without a word");
    if (link.slots.length > 0) throw new Broken("I6", "a closed link never let go of its channels");
    if (connections.some(({ client }) => client !== "gone")) throw new Broken("I6", "a closed link left a transport behind");
  }
}
