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
    const made = attempt === 1 ? undefined : (await zookeeper.getChildren(parent, { retry: "safe", ...(signal && { signal }) })).find((name) => name.startsWith(mark));
    return made === undefined ? zookeeper.create(marked, data, request) : `${parent === "/" ? "" : parent}/${made}`;
  }, { retries: Infinity, ...(signal && { signal }), shouldRetry: ({ error }) => error instanceof ZooKeeperError && error.code === "ZK_CONNECTION_LOSS" && error.outcome === "unknown" });
}
