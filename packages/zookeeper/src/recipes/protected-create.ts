import { retry } from "@holdfast/core/retry";
import { ZooKeeperError } from "../errors/zookeeper-error.ts";
import type { Data } from "../jute/sink.ts";
import { nameOf, parentOf } from "../records/root.ts";
import type { CreateRequest } from "../session/requests.ts";
import type { ZooKeeper } from "../zookeeper.ts";

/**
 * Creates a node exactly once, also where the answer is lost (Curator's "protection", TN 4 and `CreateBuilder.withProtection`): its name
 * begins with a mark that nobody else uses, and after a loss the mark is looked for before anything is created again.
 */
export async function createProtected(zookeeper: ZooKeeper, path: string, data: Data, options: CreateRequest): Promise<string> {
  const { signal } = options;
  const mark = `_c_${crypto.randomUUID()}-`;
  const parent = parentOf(path);
  const marked = `${parent === "/" ? "" : parent}/${mark}${nameOf(path)}`;
  const request: CreateRequest = { ...options, protect: false };
  return retry(async ({ attempt }) => {
    const made = attempt === 1 ? undefined : (await children(zookeeper, parent, signal)).find((name) => name.startsWith(mark));
    return made === undefined ? zookeeper.create(marked, data, request) : `${parent === "/" ? "" : parent}/${made}`;
  }, { retries: Infinity, ...(signal && { signal }), shouldRetry: ({ error }) => error instanceof ZooKeeperError && error.code === "ZK_CONNECTION_LOSS" && error.outcome === "unknown" });
}

/** As the leader knows them: the server that we are on now may not have heard yet of what the one before it has done. */
async function children(zookeeper: ZooKeeper, parent: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const options = { retry: "safe", ...(signal && { signal }) } as const;
  await zookeeper.sync(parent, options);
  return zookeeper.getChildren(parent, options);
}
