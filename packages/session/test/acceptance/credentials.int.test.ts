import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { credentials } from "./credentials.ts";

describe("a session's credential", { timeout: 60_000 }, () => {
  it("is taken from nobody who forges, replays or comes late, over TCP, and its owner still comes in", async () => {
    const found = await credentials(450);
    expect(found).toMatchObject({ attempts: 450, unrefused: 0, accepted: 0, putOff: 0, alive: found.victims });
    expect(Object.values(found.perKind)).toEqual(Array.from({ length: 9 }, () => 50));
    // Each was judged: what was forged had a wrong proof, an id of nobody or made no sense, and what was right came too late.
    expect(found.answers[codes.staleAttach]).toBe(100);
    expect(Object.keys(found.answers).map(Number).toSorted((a, b) => a - b)).toEqual([codes.protocol, codes.badProof, codes.unknownSession, codes.staleAttach].toSorted((a, b) => a - b));
  });
});
