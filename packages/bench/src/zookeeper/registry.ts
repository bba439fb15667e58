// What the benchmarks need to know from the servers themselves, whatever the clients say: asked for over connections of our own.
import type { Ensemble, ZooKeeperServer } from "@holdfast/test-servers";
import { RawClient, type Answered } from "./raw/raw-client.ts";

/** Nodes that the clients read, and one that is watched. */
export const paths = { root: "/bench", read: "/bench/read", watched: "/bench/watched", ephemeral: "/bench/e" } as const;

const exists = -110;

/** Resolves when the nodes are there. */
export async function prepare(ensemble: Ensemble): Promise<void> {
  await withServer(await ensemble.leader(), async (ask) => {
    for (const path of [paths.root, paths.read, paths.watched]) {
      const { error } = await ask((client, answered) => { client.create(path, Buffer.alloc(64, 7), 0, answered); });
      if (error !== 0 && error !== exists) throw new Error(`could not create ${path}: ${error}`);
    }
  });
}

/** Fires the watches. */
export async function touch(ensemble: Ensemble): Promise<void> {
  await withServer(await ensemble.leader(), async (ask) => {
    const { error } = await ask((client, answered) => { client.set(paths.watched, Buffer.alloc(1), answered); });
    if (error !== 0) throw new Error(`could not change ${paths.watched}: ${error}`);
  });
}

/** Whether each node exists. */
export async function present(ensemble: Ensemble, nodes: readonly string[]): Promise<readonly boolean[]> {
  return withServer(await ensemble.leader(), async (ask) => {
    const found: boolean[] = [];
    for (const node of nodes) found.push((await ask((client, answered) => { client.exists(node, answered); })).error === 0);
    return found;
  });
}

/** Which server each session is attached to, as the servers say. */
export async function attachments(ensemble: Ensemble): Promise<ReadonlyMap<string, ZooKeeperServer>> {
  const map = new Map<string, ZooKeeperServer>();
  await Promise.all(ensemble.servers.map(async (server) => {
    for (const [, session = ""] of (await server.ask("cons") ?? "").matchAll(/sid=0x([\da-f]+)/g)) map.set(session, server);
  }));
  return map;
}

/** When a server first grants a session to somebody new, on the clock that all processes share. Asks every few ms. */
export async function firstSession(ensemble: Ensemble, now: () => number, within: number): Promise<number> {
  const latest = now() + within;
  for (;;) {
    const granted = await Promise.any(ensemble.servers.map(({ port }) => attempt(port, now))).catch(() => Infinity);
    if (granted < Infinity) return granted;
    if (now() > latest) throw new Error(`no server granted a session within ${within} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

async function attempt(port: number, now: () => number): Promise<number> {
  const client = new RawClient({ port, timeout: 6_000 });
  const timer = setTimeout(() => { client.abort(); }, 1_000);
  try {
    await client.opened;
    return now();
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

type Ask = (request: (client: RawClient, answered: Answered) => void) => Promise<{ readonly error: number }>;

async function withServer<T>(server: ZooKeeperServer, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new RawClient({ port: server.port, timeout: 6_000 });
  try {
    await client.opened;
    return await work((request) => new Promise((resolve) => { request(client, (error) => { resolve({ error }); }); }));
  } finally {
    client.close();
  }
}
