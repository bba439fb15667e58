import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineMutants } from "../engine-mutants.ts";
import { sessionMutants } from "../session-mutants.ts";

describe("a mutant", () => {
  it.each([...engineMutants, ...sessionMutants])("finds what it is to break: $name", ({ in: where = "core", file, from }) => {
    const text = readFileSync(new URL(`../../packages/${where}/src/${file}`, import.meta.url), "utf8");
    expect(text.split(from)).toHaveLength(2);
  });
});
