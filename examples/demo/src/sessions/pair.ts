import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { memoryStore } from "@holdfast/session/keeper";
import { RedisServer } from "@holdfast/test-servers";
import { serve, type Service } from "./serve.ts";
import type { Tally } from "./tally.ts";

/** Two servers that share a store; whoever is killed comes back at the same address. */
export interface Pair extends AsyncDisposable {
  readonly uris: readonly string[];
  /** Resolves when another one has taken its place. */
  kill(uri: string): Promise<void>;
}

const anywhere = "tcp://127.0.0.1:0";

/** Processes that are killed with SIGKILL, where there is a Redis to share. A store in memory is in this process, and so are its servers: they are cut off. */
export function makePair(folder: string, store: Tally["store"]): Promise<Pair> {
  return store === "redis" ? processes(folder) : within(folder);
}

async function processes(folder: string): Promise<Pair> {
  const resources = new AsyncDisposableStack();
  const redis = resources.use(await RedisServer.start());
  const servers = new Map<string, ChildProcess>();
  const begin = async (uri: string): Promise<void> => {
    const server = fork(new URL("./server-process.ts", import.meta.url), [redis.url, uri, folder], { execArgv: process.execArgv });
    resources.defer(() => { server.kill("SIGKILL"); });
    const [ready] = (await once(server, "message")) as [string];
    servers.set(ready, server);
  };
  await Promise.all([begin(anywhere), begin(anywhere)]);
  return {
    uris: [...servers.keys()],
    async kill(uri) {
      const server = servers.get(uri);
      if (server === undefined) return;
      server.kill("SIGKILL");
      await once(server, "exit");
      await begin(uri);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function within(folder: string): Promise<Pair> {
  const store = memoryStore();
  const services = new Map<string, Service>();
  const begin = async (uri: string): Promise<void> => {
    const service = await serve(store, uri, folder);
    services.set(service.uri, service);
  };
  await Promise.all([begin(anywhere), begin(anywhere)]);
  return {
    uris: [...services.keys()],
    async kill(uri) {
      await services.get(uri)?.crash();
      await begin(uri);
    },
    async [Symbol.asyncDispose]() {
      for (const service of services.values()) await service.crash();
    },
  };
}
