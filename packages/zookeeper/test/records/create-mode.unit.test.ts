import { describe, expect, it } from "vitest";
import { checkMode, createFlags, isEphemeral, type CreateMode } from "../../src/records/create-mode.ts";

describe("a create mode", () => {
  it("has the flag of ZooKeeper's CreateMode", () => {
    expect(createFlags).toEqual({ persistent: 0, ephemeral: 1, persistentSequential: 2, ephemeralSequential: 3, container: 4, ttl: 5, ttlSequential: 6 });
  });

  it("is one of those that exist", () => {
    for (const mode of ["sequential", "PERSISTENT", "", undefined, 0, "toString"]) expect(() => { checkMode(mode as CreateMode, undefined); }).toThrow(expect.objectContaining({ option: "mode", expected: expect.stringContaining("ephemeralSequential") }));
  });

  it("takes a ttl only where there is one", () => {
    expect(() => { checkMode("persistent", 5); }).toThrow(expect.objectContaining({ option: "ttl" }));
    expect(() => { checkMode("ephemeral", 5); }).toThrow(expect.objectContaining({ option: "ttl" }));
  });

  it.each([undefined, 0, -1, 1.5, NaN, Infinity, 2 ** 40, "5"])("refuses the ttl %s", (ttl) => {
    expect(() => { checkMode("ttl", ttl as number); }).toThrow(expect.objectContaining({ option: "ttl" }));
    expect(() => { checkMode("ttlSequential", ttl as number); }).toThrow(expect.objectContaining({ option: "ttl" }));
  });

  it.each([1, 2 ** 40 - 1])("takes the ttl %i", (ttl) => {
    expect(checkMode("ttl", ttl)).toBeUndefined();
  });

  it("ends with its session in two of them", () => {
    expect((Object.keys(createFlags) as CreateMode[]).filter(isEphemeral)).toEqual(["ephemeral", "ephemeralSequential"]);
  });
});
