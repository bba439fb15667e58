import { systemClock } from "@holdfast/core";
import { afterEach, describe, expect, it } from "vitest";
import { ZooKeeper } from "../../src/index.ts";
import { Lock } from "../../src/recipes/index.ts";
import { notification, reply, stat, statFields, ustring, vector, welcome, type Field } from "../wire.ts";
import { ScriptedServer } from "./scripted-server.ts";

const [getData, getChildren, sync, create2] = [4, 8, 9, 15];
const deleted = 2;
const node = "/lock/_c_one-lock-0000000000";

let server: ScriptedServer | undefined;
afterEach(() => { server?.close(); });

/** A lock that is held, and whose node is deleted as soon as the client calls `sync`: `stalled` ms after that by the client's clock. */
async function deletedAfter(stalled: number): Promise<string> {
  let late = 0;
  server = new ScriptedServer((opcode, xid) => {
    const bodies: Readonly<Record<number, readonly Field[]>> = {
      [create2]: [ustring(node), statFields], [getData]: [ustring(""), statFields], [getChildren]: [vector([ustring(node.slice("/lock/".length))])], [sync]: [ustring("")],
    };
    if (opcode === sync) late = stalled;
    return [...opcode === sync ? [notification(deleted, node)] : [], reply(xid, 1, 0, ...bodies[opcode] ?? [])];
  }, welcome({ id: stat.ephemeralOwner }));
  await using client = new ZooKeeper({ servers: await server.listen(), clock: { ...systemClock, now: () => systemClock.now() + late } });
  await client.open();
  const held = await new Lock(client, "/lock").acquire();
  await client.sync("/");
  return (await held.ended)?.message ?? "";
}

describe("a lock whose node is gone", () => {
  it("is lost because somebody deleted it, where its session was certainly alive", async () => {
    expect(await deletedAfter(0)).toContain(`the lock /lock is lost: somebody deleted ${node}`);
  });

  it("is lost because the servers may have forgotten the session, where the process stood still for so long, and no timer has run since", async () => {
    expect(await deletedAfter(60_000)).toContain("the lock /lock is lost: no server has answered for the whole timeout of the session");
  });
});
