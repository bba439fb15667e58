import { describe, expect, it } from "vitest";
import { ServerList } from "../../src/servers/server-list.ts";

/** The link asks for the list and goes on behind the server it dialled last: or, where that is gone, at the number that comes next. */
async function dialled(list: ServerList, last: string | undefined, at: number): Promise<readonly string[]> {
  const entries = (await list.list()).map((uri) => list.address(uri as string));
  const here = last === undefined ? -1 : entries.indexOf(last);
  const from = last === undefined ? 0 : here >= 0 ? here + 1 : (at + 1) % entries.length;
  return entries.map((_, step) => entries[(from + step) % entries.length] as string);
}

describe("the list of servers", () => {
  it("gives addresses with the scheme in front, and reads them back", async () => {
    const plain = new ServerList(["a:1", "[::1]:2"], "tcp");
    expect(await plain.list()).toEqual(["tcp://a:1", "tcp://[::1]:2"]);
    expect([plain.address("tcp://[::1]:2"), plain.addresses]).toEqual(["[::1]:2", ["a:1", "[::1]:2"]]);
    expect(await new ServerList(["a:1"], "tls").list()).toEqual(["tls://a:1"]);
  });

  it("is dialled from a new list's first server on, where the last one dialled is in it", async () => {
    const list = new ServerList(["a:1", "b:1", "c:1"], "tcp");
    list.dialled("b:1");
    list.follow(["x:1", "b:1", "y:1"]);
    expect(await dialled(list, "b:1", 1)).toEqual(["x:1", "y:1", "b:1"]);
  });

  it.each([["a:1", 0], ["b:1", 1], ["c:1", 2]])("is dialled from a new list's first server on, where the last one dialled (%s) is gone", async (last, at) => {
    const list = new ServerList(["a:1", "b:1", "c:1"], "tcp");
    list.dialled(last);
    list.follow(["x:1", "y:1"]);
    expect(await dialled(list, last, at)).toEqual(["x:1", "y:1"]);
  });

  it("is dialled from its first server on, before anybody was", async () => {
    const list = new ServerList(["a:1", "b:1"], "tcp");
    list.follow(["x:1", "y:1", "z:1"]);
    expect(await dialled(list, undefined, 0)).toEqual(["x:1", "y:1", "z:1"]);
  });

  it("dials the one next that is preferred", async () => {
    const list = new ServerList(["a:1", "b:1", "c:1"], "tcp");
    list.dialled("a:1");
    list.prefer("c:1");
    expect((await dialled(list, "a:1", 0))[0]).toBe("c:1");
    list.dialled("c:1");
    list.prefer("c:1"); // It is the last one dialled and the next one.
    expect([...list.addresses].sort()).toEqual(["a:1", "b:1", "c:1"]);
  });

  it("keeps everybody waiting while a gate is shut, and a second gate after it", async () => {
    const list = new ServerList(["a:1"], "tcp");
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    list.hold(first.promise);
    let open = false;
    const asked = list.list().then(() => { open = true; });
    list.hold(second.promise);
    first.resolve();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(open).toBe(false);
    second.resolve();
    await asked;
    expect([open, await list.list()]).toEqual([true, ["tcp://a:1"]]);
  });
});
