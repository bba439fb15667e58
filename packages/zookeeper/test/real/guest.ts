import { expect } from "vitest";
import { ZooKeeper, type ZooKeeperOptions } from "../../src/index.ts";

/** One open client. */
export async function open(servers: ZooKeeperOptions["servers"], options: Omit<ZooKeeperOptions, "servers"> = {}): Promise<ZooKeeper> {
  const zk = new ZooKeeper({ servers, sessionTimeout: 6_000, ...options });
  await zk.open();
  return zk;
}

export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What a promise rejects with; undefined where it does not. */
export async function failure(promise: Promise<unknown>): Promise<Record<string, unknown> | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error as Record<string, unknown>; // Looked at by its fields.
  }
}

/** How an error of a server must look. */
export function refused(code: string, zkCode: number, operation: string, path: string): unknown {
  return expect.objectContaining({ name: "ZooKeeperError", code, zkCode, operation, path, outcome: "failed", message: expect.stringContaining(`${operation} ${path}`) });
}
