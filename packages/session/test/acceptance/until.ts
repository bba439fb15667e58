import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until it is so. Rejects after `within` ms, and says what was waited for. */
export async function until(what: string, isSo: () => boolean, within = 60_000): Promise<void> {
  const latest = performance.now() + within;
  while (!isSo()) {
    if (performance.now() > latest) throw new Error(`${what}: not within ${within} ms`);
    await sleep(2);
  }
}

/** The same, but gives up in silence: what is missing is for the figures to tell. */
export async function patiently(isSo: () => boolean, within = 60_000): Promise<void> {
  await until("", isSo, within).catch(() => { /* As said above. */ });
}
