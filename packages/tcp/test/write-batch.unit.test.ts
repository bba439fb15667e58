import { describe, expect, it } from "vitest";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { SpareBuffers, batchBytes } from "../src/spare-buffers.ts";
import { WriteBatch } from "../src/write-batch.ts";

interface Stub {
  readonly socket: Socket;
  /** What the system was given, as it is now. */
  readonly writes: Buffer[];
  /** The system has taken the oldest write that it kept. */
  readonly take: () => void;
}

/** A socket whose system takes the first `quick` writes at once and keeps the others until told. */
function stub(quick: number, more: object = {}): Stub {
  const writes: Buffer[] = [];
  const kept: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 65_536,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk);
      if (writes.length <= quick) done();
      else kept.push(done);
    },
  });
  // A batch uses the writable half of a socket only.
  return { socket: Object.assign(stream, more) as unknown as Socket, writes, take: () => { kept.shift()?.(); } };
}

const tick = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe("a write batch", () => {
  it("writes the frames of a turn at its end, in one piece", async () => {
    const { socket, writes } = stub(9);
    const batch = new WriteBatch(socket, new SpareBuffers());
    for (let value = 1; value <= 3; value++) batch.add(bytes(2, value));
    expect(writes).toEqual([]);
    await tick();
    expect(writes.map((write) => [...write])).toEqual([[1, 1, 2, 2, 3, 3]]);
  });

  it("uses one buffer again and again while the system takes everything at once", async () => {
    const { socket, writes } = stub(99);
    const batch = new WriteBatch(socket, new SpareBuffers());
    for (let turn = 0; turn < 5; turn++) {
      batch.add(bytes(10, turn));
      await tick();
    }
    expect(new Set(writes.map(({ buffer }) => buffer)).size).toBe(1);
  });

  it("does not touch a buffer that the system has not taken yet", async () => {
    const { socket, writes, take } = stub(0);
    const batch = new WriteBatch(socket, new SpareBuffers());
    for (let turn = 1; turn <= 3; turn++) {
      batch.add(bytes(10, turn));
      await tick();
    }
    take();
    take();
    take();
    batch.add(bytes(10, 4));
    await tick();
    expect(writes.map((write) => write[0])).toEqual([1, 2, 3, 4]);
  });

  it("keeps little memory for few bytes where the system is behind", async () => {
    const { socket, writes, take } = stub(1);
    const spare = new SpareBuffers();
    const batch = new WriteBatch(socket, spare);
    for (let turn = 0; turn < 20; turn++) {
      batch.add(bytes(10, turn));
      await tick();
    }
    for (let turn = 0; turn < 20; turn++) take();
    const whole = writes.filter(({ buffer }) => buffer.byteLength === batchBytes);
    expect(writes.length).toBeGreaterThan(10);
    expect(whole.length).toBe(2); // The one that was taken, and the one at which it fell behind.
  });

  it("keeps no buffer of a TLS socket, which is always behind", async () => {
    const { socket, writes } = stub(0, { encrypted: true });
    const batch = new WriteBatch(socket, new SpareBuffers());
    batch.add(bytes(10, 1));
    await tick();
    expect(writes[0]?.buffer.byteLength).not.toBe(batchBytes);
  });

  it("writes before the end of the turn when its buffer is full, and large frames as they are, all in their order", async () => {
    const { socket, writes } = stub(99);
    const batch = new WriteBatch(socket, new SpareBuffers());
    const large = bytes(10_000, 9);
    const sizes = [8_000, 8_000, 8_000, 10_000, 5];
    const order: number[] = [];
    sizes.forEach((size, index) => { batch.add(size === 10_000 ? large : bytes(size, index)); });
    await tick();
    for (const write of writes) order.push(write.length);
    expect(order).toEqual([16_000, 8_000, 10_000, 5]);
    expect(writes[2]?.buffer).toBe(large.buffer);
  });

  it("has room as long as the batch and the socket hold less than the high-water mark", async () => {
    const { socket, take } = stub(0);
    const batch = new WriteBatch(socket, new SpareBuffers());
    batch.add(bytes(60_000, 1));
    expect(batch.hasRoom).toBe(true);
    batch.add(bytes(5_535, 2));
    expect([socket.writableLength, batch.hasRoom]).toEqual([60_000, true]);
    batch.add(bytes(1, 3));
    expect([socket.writableLength, batch.hasRoom]).toEqual([60_000, false]);
    await tick();
    take();
    await tick();
    expect(batch.hasRoom).toBe(true);
  });

  it("forgets at discard what the socket was not given", async () => {
    const { socket, writes } = stub(99);
    const batch = new WriteBatch(socket, new SpareBuffers());
    batch.add(bytes(10, 1));
    batch.discard();
    await tick();
    expect(writes).toEqual([]);
  });
});
