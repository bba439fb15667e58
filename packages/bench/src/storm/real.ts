import { tcp } from "@holdfast/tcp";
import { sleep } from "../busy.ts";
import { Child } from "../child.ts";
import { monotonic } from "../monotonic.ts";
import { Crowd, type LinkChoice, type Storm } from "./crowd.ts";
import type { Told } from "./server.ts";

export interface RealOutage { readonly clients: number; readonly lasts: number; readonly choice?: LinkChoice }

/** So many are dialled at a time before the outage: the storm to be measured is the one after it. */
const batch = 100;
/** Whoever is not back by then is not waited for. */
const longest = 60_000;

/** The same outage with real sockets over loopback: the server is another process that closes and opens its port. */
export async function real({ clients, lasts, choice = {} }: RealOutage): Promise<Storm> {
  const server = new Child(new URL("./server.ts", import.meta.url), []);
  try {
    const { port } = await server.hear<Told>();
    const crowd = new Crowd({ clients, endpoints: [`tcp://127.0.0.1:${port}`], transport: tcp(), choice, now: monotonic });
    for (let first = 0; first < clients; first += batch) {
      crowd.open(first, first + batch);
      while (crowd.connected < Math.min(clients, first + batch)) await sleep(5);
    }
    await sleep(11_000); // Now all of them count as stable.
    crowd.start();
    server.say({ command: "down" });
    const { at } = await server.hear<Told>();
    await sleep(at + lasts - monotonic());
    server.say({ command: "up" });
    await server.hear<Told>();
    for (const end = monotonic() + longest; !crowd.complete && monotonic() < end;) await sleep(20);
    return crowd.end();
  } finally {
    await server.end();
  }
}
