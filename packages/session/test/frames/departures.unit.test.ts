import { FrameError, type Frame, type HoldfastError, type Line } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { describe, expect, it } from "vitest";
import { encodeData } from "../../src/frames/data.ts";
import { Departures } from "../../src/frames/departures.ts";
import { encode } from "../../src/frames/encode.ts";
import { SessionFraming } from "../../src/frames/framing.ts";
import { slabEnd } from "../../src/frames/slab.ts";

const max = 65_536;

/** A channel that is a stream of bytes, or carries messages. What it was sent is kept, and how it was cut into calls. */
class Pipe {
  readonly sent: Frame[] = [];
  readonly bytes: number[] = [];
  full = false;
  error: HoldfastError | undefined;
  readonly departures: Departures;

  constructor(kind: "stream" | "messages", framing: SessionFraming = new SessionFraming(), longest: number = max) {
    const framer = framing.start(longest);
    const send = (frame: Frame): boolean => {
      if (kind === "messages" && frame.length > longest) throw new FrameError("HF_FRAME_TOO_LONG", "local", "too long");
      this.sent.push(frame);
      if (kind === "stream") this.bytes.push(...framer.wrap(frame));
      return !this.full;
    };
    const fail = (error: HoldfastError): void => { this.error = error; };
    this.departures = new Departures({ send, fail } as Line<never>, framing);
  }
}

/** Where a slab is full a piece ends, and other tests have cut from the present one: goes on to the next, of which a quarter is used then. */
function freshSlab(): void {
  for (let before = slabEnd(); ; before = slabEnd()) {
    encodeData(new Uint8Array(4_000));
    if (slabEnd() < before) return;
  }
}

/** The same frames, each wrapped by itself. */
function wrapped(...frames: readonly Uint8Array[]): readonly number[] {
  const framer = varint().start(max);
  return frames.flatMap((frame) => [...framer.wrap(frame.slice())]);
}

const messages = [new Uint8Array(100).fill(1), "a text", new Uint8Array(126), new Uint8Array(127), new Uint8Array(128), "é".repeat(100), "x".repeat(200), new Uint8Array(5_000), new Uint8Array(0), "", new Uint8Array(4_000), new Uint8Array(3)];

describe("departures", () => {
  it("on a stream: frames that were made one after the other leave as one piece, when the code that sends has returned", async () => {
    freshSlab();
    const pipe = new Pipe("stream");
    const frames = Array.from({ length: 20 }, (_, at) => encodeData(new Uint8Array(100).fill(at)));
    pipe.departures.send(encode({ type: "ack", acked: 1 })); // Shows what the channel is.
    const again = frames.map((_, at) => {
      const frame = encodeData(new Uint8Array(100).fill(at));
      expect(pipe.departures.send(frame)).toBe(true);
      return frame;
    });
    expect(pipe.sent).toHaveLength(1);
    await Promise.resolve();
    expect(pipe.sent).toHaveLength(2);
    expect(pipe.bytes).toEqual(wrapped(encode({ type: "ack", acked: 1 }), ...again));
    expect(again).toEqual(frames);
  });

  it("give the stream the bytes that each frame has by itself, in order, whatever is sent", async () => {
    const pipe = new Pipe("stream");
    const frames: Uint8Array[] = [];
    for (let round = 0; round < 20; round += 1) {
      for (const [at, message] of messages.entries()) {
        const frame = at % 5 === 4 ? encode({ type: "ack", acked: round }) : encodeData(message, at % 3 === 0 ? round * 100 : undefined);
        frames.push(frame);
        pipe.departures.send(frame);
        if (at === 7 && round % 4 === 0) pipe.departures.flush();
      }
      if (round % 2 === 0) await Promise.resolve();
    }
    pipe.departures.flush();
    expect(pipe.bytes).toEqual(wrapped(...frames));
  });

  it("of two channels in turn do not mix", async () => {
    const framing = new SessionFraming();
    const pipes = [new Pipe("stream", framing), new Pipe("stream", framing)];
    const frames: Uint8Array[][] = [[], []];
    for (let at = 0; at < 400; at += 1) {
      const which = at % 3 === 0 ? 1 : 0;
      const frame = encodeData(`message ${at}`);
      frames[which]?.push(frame);
      pipes[which]?.departures.send(frame);
    }
    await Promise.resolve();
    expect(pipes.map(({ bytes }) => bytes)).toEqual(frames.map((sent) => wrapped(...sent)));
  });

  it("leave one by one, as they are, where each frame is a message, also beside streams with the same framing", async () => {
    const framing = new SessionFraming();
    const [stream, pipe] = [new Pipe("stream", framing), new Pipe("messages", framing)];
    const frames = Array.from({ length: 3 }, (_, at) => {
      const frame = encodeData(`message ${at}`);
      expect(pipe.departures.send(frame)).toBe(true);
      stream.departures.send(encodeData("to the other one"));
      return frame;
    });
    expect(pipe.sent).toEqual(frames.slice(0, 1)); // It shows what the channel is.
    await Promise.resolve();
    expect(pipe.sent).toEqual(frames);
    expect(pipe.sent[2]).toBe(frames[2]);
  });

  it.each(["stream", "messages"] as const)("do not wait for the end of a long turn: %s", (kind) => {
    const pipe = new Pipe(kind);
    let sent = 0;
    for (; sent < 1_000 && pipe.departures.send(encodeData(new Uint8Array(100))); sent += 1) if (sent === 0) pipe.full = true;
    expect(sent).toBeLessThan(170); // 16 KiB
    expect(pipe.departures.blocked).toBe(true);
  });

  it("say that the channel asks to wait, and go one by one until it has drained", async () => {
    const pipe = new Pipe("stream");
    pipe.departures.send(encodeData("first"));
    pipe.full = true;
    expect(pipe.departures.send(encodeData("joined"))).toBe(true); // Nobody knows yet.
    await Promise.resolve();
    expect([pipe.departures.blocked, pipe.sent.length]).toEqual([true, 2]);
    expect(pipe.departures.send(encodeData("alone"))).toBe(false);
    expect(pipe.sent).toHaveLength(3);
    pipe.full = pipe.departures.blocked = false;
    expect(pipe.departures.send(encodeData("joined again"))).toBe(true);
    expect(pipe.sent).toHaveLength(3);
  });

  it("refuse a frame that the other side does not read, and go on", async () => {
    const pipe = new Pipe("stream", new SessionFraming(), 300);
    const frames = ["one", "two"].map((text) => encodeData(text));
    pipe.departures.send(frames[0] as Uint8Array);
    expect(() => pipe.departures.send(encodeData(new Uint8Array(300)))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG" }));
    pipe.departures.send(frames[1] as Uint8Array);
    await Promise.resolve();
    expect(pipe.bytes).toEqual(wrapped(...frames));
  });

  it("end the channel where it refuses a frame that had waited", async () => {
    const pipe = new Pipe("messages", new SessionFraming(), 300);
    pipe.departures.send(encodeData("one"));
    pipe.departures.send(encodeData(new Uint8Array(300)));
    await Promise.resolve();
    expect(pipe.error).toMatchObject({ code: "HF_FRAME_TOO_LONG" });
  });
});
