import { afterEach, describe, expect, it } from "vitest";
import { ZooKeeper } from "../../src/index.ts";
import { Membership } from "../../src/recipes/index.ts";
import { buffer, notification, reply, statFields, ustring, vector, type Field } from "../wire.ts";
import { ScriptedServer, type Answer } from "./scripted-server.ts";

const [create, remove, exists, getData, setData, getChildren] = [1, 2, 3, 4, 5, 8];
const sync = 9;
const noNode = -101;
const childrenChanged = 4;

let server: ScriptedServer | undefined;
afterEach(() => { server?.close(); });

async function serve(answer: Answer): Promise<string> {
  server = new ScriptedServer(answer);
  return server.listen();
}

describe("a membership", () => {
  it("reads its list again when the news that it is out of date comes in one piece with it", async () => {
    let lists = 0;
    const servers = await serve((opcode, xid) => {
      if (opcode === getData) return [reply(xid, 3, 0, buffer("x"), statFields)];
      if (opcode !== getChildren) return [reply(xid, 3, 0)];
      lists += 1;
      return lists === 1 ? [reply(xid, 1, 0, vector()), notification(childrenChanged, "/group")] : [reply(xid, 2, 0, vector([ustring("one")]))];
    });
    await using client = new ZooKeeper({ servers });
    await client.open();
    await using group = new Membership(client, "/group");
    await group.open();
    await expect.poll(() => [...group.members.keys()]).toEqual(["one"]);
    expect(lists).toBe(2);
  });

  it("makes no node after it was left, though it was about to", async () => {
    const opcodes: number[] = [];
    let left: Promise<void> | undefined;
    const servers = await serve((opcode, xid) => {
      opcodes.push(opcode);
      if (opcode === getData) left ??= group.close(); // The answer is on its way.
      return [opcode === sync ? reply(xid, 1, 0, ustring("")) : reply(xid, 1, noNode)];
    });
    await using client = new ZooKeeper({ servers });
    await client.open();
    const group = new Membership(client, "/group", { id: "one" });
    await expect(group.open()).rejects.toMatchObject({ code: "ZK_CLOSED" });
    await left;
    await client.sync("/"); // Whatever was to be sent before it has been.
    expect([opcodes.includes(getData), opcodes.includes(exists), opcodes.includes(create)]).toEqual([true, true, false]);
  });

  it("never writes to somebody else's node of its name", async () => {
    const opcodes: number[] = [];
    const servers = await serve((opcode, xid) => {
      opcodes.push(opcode);
      const bodies: Readonly<Record<number, readonly Field[]>> = { [getData]: [buffer("theirs"), statFields], [exists]: [statFields], [sync]: [ustring("")] };
      return [reply(xid, 1, 0, ...bodies[opcode] ?? [])];
    });
    await using client = new ZooKeeper({ servers });
    await client.open();
    const group = new Membership(client, "/group", { id: "one", payload: "ours" });
    const opening = group.open().catch((error: unknown) => error);
    await expect.poll(() => opcodes).toContain(getData);
    await group.update("ours, too"); // Is taken along with our node, when that can be.
    await group.close();
    expect(await opening).toMatchObject({ code: "ZK_CLOSED" });
    expect([opcodes.includes(setData), opcodes.includes(remove)]).toEqual([false, false]);
    await expect(group.update("late")).rejects.toMatchObject({ code: "ZK_CLOSED" });
  });

  it("begins later when at first too many requests wait for a server", async () => {
    const servers = await serve((opcode, xid) => [reply(xid, 1, 0, ...(opcode === getChildren ? [vector()] : []))]);
    await using client = new ZooKeeper({ servers, queue: { maxRequests: 0 } });
    await using group = new Membership(client, "/group");
    const opening = group.open();
    await client.open();
    await opening;
    expect(group.members.size).toBe(0);
  });
});
