import { describe, expect, it } from "vitest";
import { Source } from "../../src/jute/source.ts";
import { restorePackets, type Standing } from "../../src/watches/restore.ts";

const nothing: Standing = { data: [], exist: [], child: [], persistent: [], recursive: [] };
const many = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `/${prefix}${at.toString(36).padStart(5, "0")}`);

interface Read { readonly type: number; readonly zxid: bigint; readonly lists: readonly (readonly string[])[] }

function read(packet: Buffer): Read {
  const source = new Source(new Uint8Array(packet), 4);
  expect(source.int()).toBe(-8);
  const type = source.int();
  const zxid = source.long();
  const lists = Array.from({ length: type === 105 ? 5 : 3 }, () => source.list(4, () => source.text()));
  expect([source.left, packet.readInt32BE(0)]).toEqual([0, packet.length - 4]);
  return { type, zxid, lists };
}

describe("the packets that set watches again", () => {
  it("are none for none", () => {
    expect(restorePackets(5n, nothing)).toEqual([]);
  });

  it("have at most 128 KiB each, and all watches between them, in their order", () => {
    const standing: Standing = { data: many("d", 20_000), exist: many("e", 10_000), child: many("c", 30_000), persistent: many("p", 5_000), recursive: many("r", 5_000) };
    const packets = restorePackets(5n, standing);
    for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(128 * 1_024);
    const reads = packets.map(read);
    expect(new Set(reads.map(({ zxid }) => zxid))).toEqual(new Set([5n]));
    expect(["data", "exist", "child", "persistent", "recursive"].map((_, kind) => reads.flatMap(({ lists }) => lists[kind] ?? []))).toEqual([standing.data, standing.exist, standing.child, standing.persistent, standing.recursive]);
    // No more of them than it takes.
    expect(packets.length).toBeLessThanOrEqual(Math.ceil(packets.reduce((sum, { length }) => sum + length, 0) / (127 * 1_024)));
  });

  it("have at most 128 KiB also where names are short, or not English", () => {
    const short = Array.from({ length: 40_000 }, (_, at) => `/${String.fromCharCode(0x4e00 + (at % 20_000))}${at < 20_000 ? "" : "a"}`);
    const packets = restorePackets(5n, { ...nothing, data: short });
    for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(128 * 1_024);
    expect(packets.map(read).flatMap(({ lists }) => lists[0])).toEqual(short);
  });

  it("are of the kind that older servers know, where nothing in them is persistent", () => {
    const packets = restorePackets(5n, { ...nothing, data: many("d", 20_000), recursive: ["/r"] });
    expect(packets.map((packet) => read(packet).type)).toEqual([...packets.slice(1).map(() => 101), 105]);
  });

  it("set a persistent watch not before the one-shot watches of its path, which it replaces on the server", () => {
    const all = many("p", 12_000);
    const seen = new Map<string, number>();
    for (const { lists } of restorePackets(5n, { ...nothing, data: all, child: all, persistent: all }).map(read)) {
      for (const [kind, list] of lists.entries()) {
        for (const path of list) {
          expect(kind).toBeGreaterThanOrEqual(seen.get(path) ?? 0);
          seen.set(path, kind);
        }
      }
    }
    expect([...new Set(seen.values())]).toEqual([3]);
  });

  it("carry a path alone that is longer than a packet should be", () => {
    const giant = `/${"x".repeat(200_000)}`;
    expect(restorePackets(5n, { ...nothing, exist: ["/a", giant, "/b"] }).map((packet) => read(packet).lists[1])).toEqual([["/a"], [giant], ["/b"]]);
  });
});
