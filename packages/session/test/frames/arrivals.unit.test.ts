import type { HoldfastError, Line } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { Arrivals } from "../../src/frames/arrivals.ts";

const one = Uint8Array.of(1);
const two = Uint8Array.of(2);
const three = Uint8Array.of(3);
const line = {} as Line<never>;

describe("arrivals", () => {
  it("are read in order when the code that brought them has returned, and together", async () => {
    const read: (readonly unknown[])[] = [];
    const arrivals = new Arrivals(line, (frames) => { read.push(frames); });
    arrivals.push(one);
    arrivals.push(two);
    expect(read).toEqual([]);
    await Promise.resolve();
    expect(read).toEqual([[one, two]]);
    arrivals.push(three);
    await Promise.resolve();
    expect(read).toEqual([[one, two], [three]]);
  });

  it("are read at once where something else comes after them, and not a second time", async () => {
    const read: (readonly unknown[])[] = [];
    const arrivals = new Arrivals(line, (frames) => { read.push(frames); });
    arrivals.flush();
    arrivals.push(one);
    arrivals.flush();
    arrivals.flush();
    expect(read).toEqual([[one]]);
    await Promise.resolve();
    expect(read).toEqual([[one]]);
  });

  it("that come while others are read follow them", async () => {
    const read: unknown[] = [];
    const arrivals: Arrivals = new Arrivals(line, (frames) => {
      for (const frame of frames) {
        if (frame === one) arrivals.push(three);
        read.push(frame);
      }
    });
    arrivals.push(one);
    arrivals.push(two);
    arrivals.flush();
    await Promise.resolve();
    expect(read).toEqual([one, two, three]);
  });

  it("end the channel where they cannot be read", () => {
    const errors: HoldfastError[] = [];
    const arrivals = new Arrivals({ fail: (error: HoldfastError) => { errors.push(error); } } as Line<never>, () => { throw new Error("no"); });
    arrivals.push(one);
    arrivals.flush();
    expect(errors).toMatchObject([{ code: "HF_BAD_FRAME", cause: new Error("no") }]);
  });
});
