import { describe, expect, it } from "vitest";
import { packet, packetSize, writeData, type Sink } from "../../src/jute/sink.ts";
import { JuteError, Source } from "../../src/jute/source.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function written(write: (sink: Sink) => void): string {
  return packet({ write }).toString("hex");
}

describe("what is written", () => {
  it.each<[name: string, write: (sink: Sink) => void, expected: string]>([
    ["an int", (sink) => { sink.int(1); sink.int(-1); sink.int(0x7fff_ffff); }, "00000001 ffffffff 7fffffff"],
    ["a long", (sink) => { sink.long(1n); sink.long(-(2n ** 63n)); }, "0000000000000001 8000000000000000"],
    ["a boolean", (sink) => { sink.bool(true); sink.bool(false); }, "01 00"],
    ["a text, counted in UTF-8 bytes", (sink) => { sink.text("/ä€"); }, "00000006 2f c3a4 e282ac"],
    ["an empty text", (sink) => { sink.text(""); }, "00000000"],
    ["a null", (sink) => { sink.text(undefined); }, "ffffffff"],
    ["bytes", (sink) => { sink.bytes(Uint8Array.of(0, 255)); }, "00000002 00ff"],
    ["data that is a text", (sink) => { writeData(sink, "é"); }, "00000002 c3a9"],
    ["data that is bytes", (sink) => { writeData(sink, Uint8Array.of(1)); }, "00000001 01"],
  ])("%s is big-endian, behind the length of the packet", (_, write, expected) => {
    const content = expected.replaceAll(" ", "");
    expect(written(write)).toBe((content.length / 2).toString(16).padStart(8, "0") + content);
    expect(packetSize({ write })).toBe(4 + content.length / 2);
  });

  it("keeps its length where a text is no proper Unicode", () => {
    expect(written((sink) => { sink.text("a\ud800"); })).toBe("00000008 00000004 61 efbfbd".replaceAll(" ", ""));
  });
});

describe("what is read", () => {
  it("takes the fields in their order, and says how much is left", () => {
    const source = new Source(hex("00000001 ffffffffffffffff 01 00000002 c3a9 00000002 00ff 00000002 00000001 61 00000000"));
    expect([source.int(), source.long(), source.bool(), source.text(), [...source.bytes()]]).toEqual([1, -1n, true, "é", [0, 255]]);
    expect(source.list(4, () => source.text())).toEqual(["a", ""]);
    expect(source.left).toBe(0);
  });

  it("takes null for empty: a text, bytes and a list", () => {
    const source = new Source(hex("ffffffff ffffffff ffffffff"));
    expect([source.text(), source.bytes().length, source.list(4, () => source.text())]).toEqual(["", 0, []]);
  });

  it("reads a time as a number, beyond 32 bits and before 1970", () => {
    expect([new Source(hex("0000018bcfe56866")).time(), new Source(hex("ffffffffffffffff")).time()]).toEqual([1_700_000_000_102, -1]);
  });

  it("reads bytes that stay what they were, without a copy", () => {
    const bytes = hex("00000002 0102 00000001 03");
    const source = new Source(bytes);
    const [first, second] = [source.bytes(), source.bytes()];
    expect([[...first], [...second], first.buffer === bytes.buffer]).toEqual([[1, 2], [3], true]);
  });

  it("goes from packet to packet, whatever of them was read, and never beyond one", () => {
    const packets = Source.packets(hex("00000005 00000007 ff 00000000 00000004 00000009"));
    expect(() => packets.int()).toThrow(JuteError);
    expect([packets.next(), packets.int(), packets.left]).toEqual([true, 7, 1]);
    expect([packets.next(), packets.left]).toEqual([true, 0]);
    expect(() => packets.bool()).toThrow(JuteError);
    expect([packets.next(), packets.int(), packets.next(), packets.left]).toEqual([true, 9, false, 0]);
  });

  it.each(["000000", "00000005 00000007", "80000000", "ffffffff", "00000001 00 00"])("refuses packets that are not whole: %s", (bytes) => {
    const packets = Source.packets(hex(bytes));
    expect(() => { while (packets.next()); }).toThrow(JuteError);
  });

  it("begins where its view begins", () => {
    expect(new Source(hex("ffff 00000007 ffff").subarray(2, 6)).int()).toBe(7);
    expect(new Source(hex("ffff 00000007"), 2).int()).toBe(7);
  });

  it.each<[name: string, bytes: string, read: (source: Source) => unknown]>([
    ["an int of three bytes", "000000", (source) => source.int()],
    ["a long of seven bytes", "00000000000000", (source) => source.long()],
    ["a boolean that is not there", "", (source) => source.bool()],
    ["a text that is longer than what is there", "00000005 61616161", (source) => source.text()],
    ["a negative length of a text", "fffffffe 6161", (source) => source.text()],
    ["a length of bytes near 2^31", "7fffffff 61", (source) => source.bytes()],
    ["a list of more items than bytes", "7fffffff 00000000", (source) => source.list(4, () => source.text())],
    ["a list of more items than can be there", "00000003 00000000 00000000", (source) => source.list(4, () => source.text())],
    ["a list of a negative number of items", "80000000 00000000", (source) => source.list(4, () => source.text())],
  ])("refuses %s", (_, bytes, read) => {
    expect(() => read(new Source(hex(bytes)))).toThrow(JuteError);
  });

  it("sets nothing aside for a length before it has seen that so much is there", () => {
    const source = new Source(hex("7ffffff0 00000000 00000000"));
    let items = 0;
    expect(() => source.list(4, () => { items += 1; })).toThrow(JuteError);
    expect(items).toBe(0);
  });
});
