import type { Message } from "../../src/frames/frame.ts";
import { readTicket, writeTicket } from "../../src/client/ticket.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { SessionStore } from "../../src/store/store.ts";
import { ClientActor } from "./client-actor.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import type { Fault, Plan } from "./plan.ts";
import { Process } from "./process.ts";
import { ranks } from "./queue.ts";
import { Server } from "./server.ts";
import { settled, verify } from "./settlement.ts";
import { Truth } from "./truth.ts";
import { Violation } from "./violation.ts";
import { World } from "./world.ts";

export interface Outcome { readonly events: number; readonly attaches: number; readonly faults: number; readonly hash: number; readonly violation: Violation | undefined; readonly lines: readonly string[] }

/** Carries a plan out, to the end or to the first violation. */
export function carryOut(plan: Plan, options: { readonly traced: boolean } = { traced: false }): Outcome {
  const schedule = new Schedule(plan, options);
  let violation: Violation | undefined;
  try {
    schedule.run();
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation("crash", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { world, truth } = schedule;
  return { events: world.events, attaches: truth.attaches, faults: plan.faults.length, hash: world.chronicle.hash, violation, lines: world.chronicle.lines ?? [] };
}

/** Clients, servers and their store, for as long as the plan says and then until all is quiet. */
export class Schedule {
  readonly world: World;
  readonly truth: Truth;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly servers: readonly Server[];
  readonly clients: ClientActor[] = [];
  store: SessionStore;
  #named = 0;
  readonly #nobody: Process = new Process("nobody");

  constructor(plan: Plan, options: { readonly traced: boolean }) {
    this.world = new World(plan, options);
    this.truth = new Truth(this.world);
    this.ledger = new Ledger(this.truth);
    this.store = this.#freshStore();
    this.servers = Array.from({ length: plan.servers }, (_, at) => new Server(this.world, `s${at}`, () => this.store, this.truth, this.ledger));
    this.network = new Network(this.world, this.servers);
    this.clients.push(new ClientActor(this.world, "c", this.network, this.truth, this.ledger));
  }

  run(): void {
    const { world, clients } = this;
    const { plan } = world;
    clients[0]?.start();
    this.#conversation();
    for (const fault of plan.faults) world.after(fault.at, ranks.arrival, undefined, () => { this.#befall(fault); });
    if (plan.closeAt < Infinity) world.after(plan.closeAt, ranks.alarm, clients[0]?.process, () => { clients[0]?.close(); });
    world.runUntil(plan.calmAt);
    settled(this);
    verify(this);
  }

  /** The application of a server has something for the client. */
  say(message: Message): void {
    const owners = this.servers.flatMap((server) => [...this.truth.records.keys()].map((id) => server.owner(id))).filter((owner) => owner !== undefined);
    const last = owners.toSorted((one, other) => other.epoch - one.epoch)[0];
    last?.peer.say(message);
  }

  #conversation(): void {
    const { world, clients } = this;
    const { plan } = world;
    for (let count = 0; count < plan.toKeeper; count += 1) {
      world.after(world.random() * plan.calmAt, ranks.alarm, clients[0]?.process, () => { for (const client of clients) client.say(world.below(plan.longest)); });
    }
    for (let count = 0; count < plan.toClient; count += 1) {
      world.after(world.random() * plan.calmAt, ranks.turn, undefined, () => { this.say(`s.${count};${"y".repeat(world.below(plan.longest))}`); });
    }
  }

  #befall(fault: Fault): void {
    const { world, network } = this;
    const { kind, lasts, dice } = fault;
    const server = network.server(fault.server);
    const weather = network.weather(fault.server);
    const until = world.now + lasts;
    const client = this.clients[0];
    world.chronicle.note(world.now, () => `*** ${kind} of s${fault.server} for ${lasts} ms`);
    switch (kind) {
      case "cut": for (const wire of network.wires) if (wire.open && dice < 0.8) wire.cut(world.random() * 5, world.random() * 5); return;
      case "half-open": for (const wire of network.wires) if (wire.open) wire.cut(dice < 0.6 ? lasts : 1, dice > 0.4 ? lasts : 1); return;
      case "hole out": weather.holeOut = until; weather.kills = dice < 0.5; return;
      case "hole in": weather.holeIn = until; weather.kills = dice < 0.5; return;
      case "hole both": weather.holeIn = weather.holeOut = until; weather.kills = dice < 0.5; return;
      case "isolation": for (let at = 0; at < world.plan.servers; at += 1) Object.assign(network.weather(at), { holeIn: until, holeOut: until, kills: dice < 0.5 }); return;
      case "slow": weather.slow = until; weather.slowBy = dice * 1_500; return;
      case "crash": if (server.process.alive) server.crash(lasts, () => (dice < 0.5 ? 0 : world.random() * 4_000)); return;
      case "client pause": client?.process.pause(world.now, lasts); return;
      case "server pause": if (server.process.alive) server.process.pause(world.now, lasts); return;
      case "late attach": return this.#lateAttach(fault);
      case "second holder": return this.#clone();
      case "store loss": this.store = this.#freshStore(); this.truth.forgotten(); return;
      case "store trouble": server.line.troubleUntil = until; return;
      case "drain": if (server.process.alive) server.drain(lasts); return;
      case "move": client?.move(); return;
      case "clock jump": world.wall += (dice - 0.5) * 7_200_000; return;
      case "slow handler": server.slowUntil = until; if (client) client.slowUntil = until; return;
      case "pressure": server.pressedUntil = until; if (client) client.pressedUntil = until; return;
      case "foreign append": return this.#foreignAppend(dice);
      case "burst": for (let count = 0; count < (world.plan.maxBytes < 10_000 ? 8 : 40); count += 1) { client?.say(world.below(world.plan.longest)); this.say(`b${(this.#named += 1)};`); } return;
      default: return kind satisfies never;
    }
  }

  /** A greeting that somebody on the way held back, or recorded, comes through after its channel died. */
  #lateAttach({ dice, lasts, server }: Fault): void {
    const dead = this.network.wires.filter((wire) => !wire.heldByClient && wire.greeting !== undefined && (wire.greeting[0] ?? 0) % 16 === 3);
    const greeting = dead[Math.floor(dice * dead.length)]?.greeting;
    if (greeting !== undefined) this.world.after(lasts / 2, ranks.arrival, undefined, () => { this.network.replay(greeting, server, this.#nobody); });
  }

  /** A backup, a copy of a machine, a thief: somebody else goes on with the same ticket. */
  #clone(): void {
    const { world, clients } = this;
    const first = clients[0];
    if (first === undefined || first.over !== undefined) return;
    const { policy, state } = first.machine;
    const ticket = writeTicket(state, policy, world.now, { exact: world.chance(0.3), messages: false });
    if (ticket === undefined) return;
    this.ledger.cloned = true;
    // One that was not at rest says it was: a copy of the memory of a process.
    const copy = new ClientActor(world, "d", this.network, this.truth, this.ledger, readTicket({ ...ticket, sent: ticket.exact ? ticket.acked : ticket.sent }, policy.wallClock(), world.now));
    clients.push(copy);
    world.after(0, ranks.alarm, copy.process, () => { copy.start(); });
  }

  #foreignAppend(dice: number): void {
    for (const { id, over } of this.truth.records.values()) {
      if (over !== "no") continue;
      const message = `f${(this.#named += 1)}.${dice};`;
      const answer = this.store.append(id, [message]);
      if ("ok" in answer && answer.ok === "committed") this.truth.appended(id, message, answer.sent);
    }
  }

  #freshStore(): SessionStore {
    const store = memoryStore({ clock: this.world.clock, random: this.world.random });
    void store.subscribe((news) => { for (const server of this.servers) server.tellNews(news); });
    return store;
  }
}
