import { describe, expect, it } from "vitest";
import { seededRandom } from "@holdfast/testkit";
import { unfinished } from "@holdfast/core/framing";
import { tooLong, zookeeperFraming } from "../../src/protocol/framing.ts";
import { buffer, framed, int, long, record, reply, statFields, welcome } from "../wire.ts";

/** The runs of packets that a framer makes of the chunks. */
function runs(chunks: readonly Uint8Array[], maxPacketBytes = 1_024): Uint8Array[] {
  const framer = zookeeperFraming(maxPacketBytes).start(1);
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) framer.push(new Uint8Array(chunk), (frame) => { frames.push(frame); });
  return frames;
}

/** The packets of a run, which must be whole. */
function* packetsOf(run: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(run);
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readInt32BE(at);
    expect(end).toBeLessThanOrEqual(bytes.length);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

function read(chunks: readonly Uint8Array[], maxPacketBytes?: number): string[] {
  return hex(...runs(chunks, maxPacketBytes).flatMap((run) => [...packetsOf(run)]));
}

const hex = (...frames: readonly Uint8Array[]): string[] => frames.map((frame) => Buffer.from(frame).toString("hex"));
const bytewise = (stream: Uint8Array): Uint8Array[] => [...stream].map((byte) => Uint8Array.of(byte));
/** What a conversation gets in place of a reply that is too long: its header, with our error in it. */
const dropped = (xid: number, zxid: number): Buffer => record(int(xid), long(zxid), int(tooLong));

const packets = [welcome(), reply(1, 5, 0, buffer("some data"), statFields), reply(2, 6, -101), Buffer.alloc(0), reply(3, 7, 0, buffer("x".repeat(900)))];
const stream = Buffer.concat(packets.map((packet) => framed(packet)));

describe("the framing", () => {
  it("finds the packets of a stream that arrives at once, and hands them on at once", () => {
    expect(read([stream])).toEqual(hex(...packets));
    expect(runs([stream])).toHaveLength(1);
  });

  it("hands on what is whole, and then what had only begun", () => {
    const [first, second, ...rest] = packets.map((packet) => framed(packet)) as [Buffer, Buffer, ...Buffer[]];
    const chunks = [Buffer.concat([first, second.subarray(0, 9)]), Buffer.concat([second.subarray(9), ...rest])];
    expect(hex(...runs(chunks))).toEqual(hex(first, second, Buffer.concat(rest)));
  });

  it("finds them byte by byte", () => {
    expect(read(bytewise(stream))).toEqual(hex(...packets));
  });

  it("finds them wherever the stream is split", () => {
    for (let at = 0; at <= stream.length; at += 1) expect(read([stream.subarray(0, at), stream.subarray(at)])).toEqual(hex(...packets));
  });

  it("finds them in any three hundred ways of splitting", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 300; round += 1) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < stream.length;) {
        const length = 1 + Math.floor(random() ** 3 * 200);
        chunks.push(stream.subarray(at, at + length));
        at += length;
      }
      expect(read(chunks)).toEqual(hex(...packets));
    }
  });

  it("gives frames that stay as they are", () => {
    const framer = zookeeperFraming(1_024).start(1);
    const frames: Uint8Array[] = [];
    for (const chunk of [framed(Buffer.from("aaaa")), framed(Buffer.from("bbbb"))].flatMap(bytewise)) framer.push(chunk, (frame) => { frames.push(frame); });
    expect(frames.map((frame) => Buffer.from(frame.subarray(4)).toString())).toEqual(["aaaa", "bbbb"]);
  });

  it("sends packets as they are: their length is in them", () => {
    const packet = framed(int(1));
    expect(zookeeperFraming(1_024).start(1).wrap(packet)).toBe(packet);
  });

  it("says how much of a packet has arrived", () => {
    const framer = zookeeperFraming(1_024).start(1);
    const left = (chunk: Uint8Array): number => {
      framer.push(chunk, () => {});
      return unfinished(framer);
    };
    expect([left(Buffer.of(0, 0)), left(Buffer.of(0, 8)), left(Buffer.alloc(3)), left(Buffer.alloc(5))]).toEqual([2, 4, 7, 0]);
  });
});

describe("a reply that is too long", () => {
  const huge = framed(reply(2, 6, 0, buffer("x".repeat(5_000))));
  const before = [welcome(), reply(1, 5, 0, buffer("y"))];
  const after = reply(3, 7, -101);
  const whole = Buffer.concat([...before.map((packet) => framed(packet)), huge, framed(after), huge, framed(after)]);
  const expected = hex(...before, dropped(2, 6), after, dropped(2, 6), after);

  it("is passed over, and told of by its header; the next ones are read", () => {
    expect(read([whole])).toEqual(expected);
    expect(read(bytewise(whole))).toEqual(expected);
  });

  it("is passed over wherever it is split", () => {
    for (let at = 0; at <= whole.length; at += 1) expect(read([whole.subarray(0, at), whole.subarray(at)])).toEqual(expected);
  });

  it("begins where the limit ends", () => {
    const at = (length: number): Buffer => reply(1, 5, 0, Buffer.alloc(length - 16));
    expect(read([framed(welcome()), framed(at(1_024)), framed(at(1_025))])).toEqual(hex(welcome(), at(1_024), dropped(1, 5)));
  });

  it("counts as unfinished until it is over", () => {
    const framer = zookeeperFraming(1_024).start(1);
    framer.push(framed(welcome()), () => {});
    framer.push(huge.subarray(0, 100), () => {});
    expect(unfinished(framer)).toBe(huge.length - 100);
    framer.push(huge.subarray(100), () => {});
    expect(unfinished(framer)).toBe(0);
  });

  it("costs no memory: not by what it announces, and not by what it sends", () => {
    const framer = zookeeperFraming(1_024).start(1);
    framer.push(framed(welcome()), () => {});
    const chunk = Buffer.alloc(65_536);
    const before = process.memoryUsage().arrayBuffers;
    framer.push(int(0x7fff_ffff), () => {});
    for (let sent = 0; sent < 1_000; sent += 1) framer.push(chunk, () => {}); // 64 MB
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576);
  });
});

describe("a packet that announces much and sends little", () => {
  it("makes us hold little", () => {
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 200 }, () => zookeeperFraming(0x7fff_ffff).start(1));
    for (const framer of framers) {
      framer.push(framed(welcome()), () => {});
      framer.push(int(0x7fff_ffff), () => {});
      framer.push(Buffer.alloc(100), () => {});
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576);
    expect(unfinished(framers[0] as never)).toBe(104);
  });
});

describe("a peer that is no ZooKeeper", () => {
  const strange = expect.objectContaining({ code: "HF_BAD_FRAME", whose: "remote", next: "elsewhere", message: expect.stringContaining("2181") });

  it.each([
    ["an HTTP server", Buffer.from("HTTP/1.1 400 Bad Request\r\n")],
    ["a TLS server's alert", Buffer.of(0x15, 3, 3, 0, 2, 2, 70)],
    ["an SSH server", Buffer.from("SSH-2.0-OpenSSH_9.2p1\r\n")],
    ["a greeting of a megabyte", int(1_048_576)],
    ["a negative length", int(-1)],
  ])("is recognised by the first bytes: %s", (_, bytes) => {
    expect(() => read([bytes])).toThrow(strange);
    expect(() => read(bytewise(bytes))).toThrow(strange);
  });

  it("is recognised by a negative length later on, too", () => {
    expect(() => read([framed(welcome()), int(-2)])).toThrow(strange);
    const before: Uint8Array[] = [];
    expect(() => { zookeeperFraming(1_024).start(1).push(Buffer.concat([framed(welcome()), int(-2)]), (frame) => { before.push(frame); }); }).toThrow(strange);
    expect(hex(...before)).toEqual(hex(framed(welcome())));
    expect(() => read(bytewise(Buffer.concat([framed(welcome()), int(-0x8000_0000)])))).toThrow(strange);
  });

  it("is left to the conversation where the first packet is empty", () => {
    expect(read([int(0)])).toEqual([""]);
    expect(read(bytewise(int(0)))).toEqual([""]);
  });
});
