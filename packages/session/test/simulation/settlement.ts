import { backoffMax, dialTimeout } from "./dialler.ts";
import type { Key } from "../../src/store/store.ts";
import type { Schedule } from "./schedule.ts";
import type { Record } from "./truth.ts";
import { Violation } from "./violation.ts";

/** After the last fault: gives everything the time it may take, and no more (I15). */
export function settled(schedule: Schedule): void {
  const { world, servers, network } = schedule;
  const { plan } = world;
  for (let at = 0; at < plan.servers; at += 1) Object.assign(network.weather(at), { holeIn: 0, holeOut: 0, slow: 0 });
  for (const server of servers) server.slowUntil = server.pressedUntil = server.line.troubleUntil = 0;
  // A channel that is dead is noticed by a heartbeat; a greeting that hangs by its timeout; then it is dialled.
  const longest = 6_000 + plan.timeout + 2 * dialTimeout + 3 * backoffMax + (plan.store === "slow" ? 10_000 : 2_000);
  let by = world.now + longest;
  let before = progress(schedule);
  while (world.now < by && !quiet(schedule)) {
    world.runUntil(world.now + 250);
    const after = progress(schedule);
    if (after > before) by = world.now + longest; // A narrow window takes its time.
    before = after;
  }
  if (!quiet(schedule)) throw new Violation("I15", `not settled ${longest} ms after the last fault or message: ${unsettled(schedule)}`);
  // Whoever lost the session without hearing of it tries its last commit once more.
  world.runUntil(world.now + (plan.store === "slow" ? 5_000 : 1_500));
}

/** Messages that were committed or acknowledged. */
function progress({ truth }: Schedule): number {
  let sum = 0;
  for (const { received, acked } of truth.records.values()) sum += received + acked;
  return sum;
}

export function verify(schedule: Schedule): void {
  const { world, truth, ledger, clients } = schedule;
  // A client may not have heard yet that its session is over. Its keeper has, and what it had taken went with the session.
  for (const client of clients) {
    const record = client.over === undefined && client.id !== undefined ? truth.of(client.id) : undefined;
    if (record?.over === "no") ledger.balance(record);
  }
  truth.checkKeys(schedule.store.keys("") as readonly Key[]); // The memory store answers at once.
  const [first] = clients;
  if (first === undefined) return;
  checkTold(schedule);
  // Who was moved hears it with the next ping, at the latest.
  if (ledger.cloned) world.runUntil(world.now + world.plan.timeout / 3 + 5_000);
  const attached = clients.filter((client) => client.attached && client.over === undefined).map(({ id }) => id);
  if (new Set(attached).size < attached.length) throw new Violation("I3", "two holders of one session are attached");
  if (first.over === undefined) {
    first.close();
    world.runUntil(world.now + 8_000);
    if (clients.length === 1 && first.over !== "closed") throw new Violation("I6", "close() did not end it");
  }
  world.runUntil(world.now + 1_000);
  for (const client of clients) if (client.over !== undefined && client.wires > 0) throw new Violation("I6", `${client.wires} channels are open after the end`);
  expireAll(schedule);
}

/** Nothing is left to do: whoever lives is attached, and nobody waits for anything. */
function quiet(schedule: Schedule): boolean {
  return unsettled(schedule) === "";
}

function unsettled({ clients, truth }: Schedule): string {
  for (const client of clients) {
    if (client.over !== undefined) continue;
    const { name } = client.process;
    if (!client.attached || client.id === undefined) return `${name} is not attached`;
    if (!client.settled) return `${name} has messages that are not acknowledged`;
    const record = truth.of(client.id);
    const { acked, appended } = record;
    if (acked < appended.length) return `${appended.length - acked} messages for ${name} are not acknowledged`;
  }
  return "";
}

/** What a client may be told depends on what befell it. */
function checkTold({ clients, ledger, truth, world }: Schedule): void {
  const befell = new Set(world.plan.faults.map(({ kind }) => kind));
  for (const { told, process } of clients) {
    for (const report of told) {
      if (ledger.cloned) continue;
      if (report === "moved" || report === "lost: diverged") throw new Violation("I4", `${process.name} is the only holder and was told "${report}"`);
      if (report === "lost: stateLost" && !befell.has("store loss")) throw new Violation("I4", "the store lost nothing, and the client was told so");
      if (report === "lost: unknown" && !befell.has("store loss") && [...truth.records.values()].every(({ over }) => over === "no" || over === "closed")) throw new Violation("I4", "a session that lives was given up as unknown");
      if (report === "lost: protocol") throw new Violation("I12", "three broken rules in a row");
    }
  }
}

/** Sessions that nobody comes for are over in time, and none of them leaves anything behind. */
function expireAll({ world, truth, store, servers }: Schedule): void {
  const isLive = ({ over, id }: Record): boolean => over === "no" && !servers.some((server) => server.owner(id)?.peer.machine.phase === "attached");
  // A greeting that was late may renew one once more.
  for (let round = 0; round < 5; round += 1) {
    const due = [...truth.records.values()].filter(isLive).map(({ renewedAt, timeout }) => renewedAt + timeout);
    if (due.length === 0) return truth.checkKeys(store.keys("") as readonly Key[]); // The memory store answers at once.
    // Whoever stood still gives everybody as much time again.
    const awake = servers.flatMap(({ process }) => merged(process.pauses).map(([from, to]) => 2 * to - from));
    world.runUntil(Math.max(world.now, ...due, ...awake) + 2_500);
  }
  throw new Violation("I9", "a session that nobody comes for is not over");
}

/** Pauses that follow one another without a break are one. */
function merged(pauses: readonly (readonly [from: number, to: number])[]): readonly (readonly [from: number, to: number])[] {
  const whole: [number, number][] = [];
  for (const [from, to] of pauses.toSorted(([a], [b]) => a - b)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}
