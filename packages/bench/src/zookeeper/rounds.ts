// Rounds in which something is done to the servers while clients of every kind hold sessions on them.
import { setTimeout as sleep } from "node:timers/promises";
import type { Ensemble, ZooKeeperServer } from "@holdfast/test-servers";
import { monotonic } from "../monotonic.ts";
import type { Fared } from "./driver/user.ts";
import type { DriverProcess, Kind } from "./driver-process.ts";
import { attachments, paths, present, touch } from "./registry.ts";

/** One session in one round. */
export interface Sample extends Fared {
  readonly kind: Kind;
  /** Whether it was attached to what was broken. */
  readonly hit: boolean;
  /** The same session afterwards, with its ephemeral node. */
  readonly kept: boolean;
  /** Whether a watch that was set before told of a change afterwards. */
  readonly fired: boolean;
}

export interface Fault {
  /** Those that break. */
  readonly victims: readonly ZooKeeperServer[];
  /** Breaks them, at once. */
  strike(): void | Promise<void>;
  /** Mends them; resolves when all is as before. */
  mend(): Promise<void>;
  /** Sessions elsewhere lose their connection, too, and are waited for. */
  readonly everybody: boolean;
  /** How long a client has, from the strike. */
  readonly within: number;
  /** Counted from here instead of from the strike: told when it is known. */
  readonly from?: () => Promise<number>;
}

export const timeout = 6_000;

/** Begins to use sessions; they are used until the drivers end. */
export async function use(drivers: readonly DriverProcess[], servers: string, count: number): Promise<void> {
  for (const driver of drivers) await driver.ask("use", { servers, timeout, count, path: paths.read, ephemeral: `${paths.ephemeral}-${driver.kind}-` });
}

/** One round: watches set, fault, everybody's way back, and what is left of sessions and watches. */
export async function round(ensemble: Ensemble, drivers: readonly DriverProcess[], fault: Fault): Promise<readonly Sample[]> {
  const before = await each(drivers, (driver) => driver.ask<readonly string[]>("renew"));
  await each(drivers, (driver) => driver.ask("arm", { path: paths.watched }));
  const map = await attachments(ensemble);
  const hit = before.map((ids) => ids.map((id) => fault.victims.some((victim) => victim === map.get(id))));
  await each(drivers, (driver) => driver.ask("mark"));
  const at = monotonic();
  await fault.strike();
  const from = await fault.from?.() ?? at;
  const fared = await each(drivers, (driver, index) => driver.ask<readonly Fared[]>("fare", { at, within: fault.within, everybody: fault.everybody, attached: hit[index] }));
  await fault.mend();
  await touch(ensemble);
  await sleep(1_000);
  const fired = await each(drivers, (driver) => driver.ask<readonly boolean[]>("fired"));
  const after = await each(drivers, (driver) => driver.ask<readonly string[]>("ids"));
  const nodes = await each(drivers, ({ kind }, index) => present(ensemble, (before[index] ?? []).map((id, one) => `${paths.ephemeral}-${kind}-${one}-${id}`)));
  return drivers.flatMap(({ kind }, index) => (fared[index] ?? []).map((one, session) => ({
    ...one, kind,
    took: one.took === null ? null : one.took + at - from,
    hit: hit[index]?.[session] === true,
    kept: one.over === null && before[index]?.[session] === after[index]?.[session] && nodes[index]?.[session] === true,
    fired: fired[index]?.[session] === true,
  })));
}

function each<Result>(drivers: readonly DriverProcess[], work: (driver: DriverProcess, index: number) => Promise<Result>): Promise<readonly Result[]> {
  return Promise.all(drivers.map(work));
}
