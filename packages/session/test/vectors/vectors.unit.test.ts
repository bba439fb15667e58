import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/frames/decode.ts";
import { encode } from "../../src/frames/encode.ts";
import { nodeHmac } from "../../src/keeper/node-hmac.ts";
import { portableHmac } from "../../src/proof/portable-hmac.ts";
import { fieldsOf, frameOf, hex, unhex } from "./in-hex.ts";
import { vectors, type Vectors } from "./vectors.ts";

const published = JSON.parse(readFileSync(new URL("../../../../docs/spec/vectors/hfs1.json", import.meta.url), "utf8")) as Vectors; // Compared just below.

describe("docs/spec/vectors/hfs1.json", () => {
  it("is what the sources make: run packages/session/test/vectors/main.ts after a change", () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(vectors())));
  });

  it.each(published.frames)("$name is these bytes, and these bytes are it", ({ fields, hex: bytes }) => {
    expect(hex(encode(frameOf(fields)))).toBe(bytes);
    const frame = decode(unhex(bytes));
    expect(typeof frame === "string" ? frame : fieldsOf(frame)).toEqual(fields);
  });

  it.each(published.malformed)("$why is malformed", ({ hex: bytes }) => {
    expect(decode(unhex(bytes))).toEqual(expect.any(String));
  });

  it.each(published.proofs)("the proof of \"$name\" is the same by three ways", ({ key, label, parts, hmac }) => {
    expect(createHmac("sha256", unhex(key)).update(Buffer.concat([Buffer.from(`${label}\0`), ...parts.map(unhex)])).digest("hex")).toBe(hmac);
    for (const make of [nodeHmac, portableHmac]) expect(hex(make(unhex(key), label, ...parts.map(unhex)))).toBe(hmac);
  });

  it.each(published.greetings)("where $name, each mac stands for what it should", ({ secret, asked, answered }) => {
    for (const { fields, hex: bytes, proof } of [asked, answered]) {
      expect(hex(encode(frameOf(fields)))).toBe(bytes);
      if (proof === undefined) continue;
      const before = bytes.slice(0, -32);
      expect(proof.parts).toEqual(proof.label === "hfs1 attach" ? [before] : [asked.hex, before]);
      expect(bytes.slice(-32)).toBe(proof.mac);
      expect(createHmac("sha256", unhex(secret)).update(Buffer.concat([Buffer.from(`${proof.label}\0`), ...proof.parts.map(unhex)])).digest("hex").slice(0, 32)).toBe(proof.mac);
    }
  });
});
