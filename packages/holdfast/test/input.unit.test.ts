import { SimClock } from "@holdfast/testkit";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { repeat } from "../src/cli/repeat.ts";
import { inputLines } from "../src/cli/terminal.ts";

async function linesOf(chunks: readonly string[], signal = new AbortController().signal): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of inputLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), signal)) found.push(line);
  return found;
}

describe("the lines of the input", () => {
  it("are the same however they arrive, the last one also without its end", async () => {
    const expected = ["one", "", "Grüße", "last"];
    for (const chunks of [["one\n\nGrüße\r\nlast"], ["o", "ne\n", "\nGrü", "ße\r", "\nlast"], ["one\n\nGrüße\nlast\n"]]) expect(await linesOf(chunks)).toEqual(expected);
  });

  it("may be none", async () => {
    expect(await linesOf([])).toEqual([]);
  });

  it("may not be endless", async () => {
    await expect(linesOf(["x".repeat(2 ** 20 + 2)])).rejects.toThrow("longer than 1048576 bytes: send it in pieces");
  });

  it("end when nobody wants them any more, also while none comes", async () => {
    const over = new AbortController();
    const input = new Readable({ read: () => { /* Nobody types. */ } });
    const next = inputLines(input, over.signal).next();
    over.abort();
    expect((await next).done).toBe(true);
    expect(input.destroyed).toBe(true);
  });
});

describe("repeat()", () => {
  it("acts after each interval until it is stopped, also by what it does", () => {
    const clock = new SimClock();
    const acts: number[] = [];
    const stop = repeat(clock, 10, () => {
      acts.push(clock.now());
      if (acts.length === 3) stop();
    });
    clock.advance(100);
    expect(acts).toEqual([1_010, 1_020, 1_030]);
    expect(clock.pending).toBe(0);
  });
});
