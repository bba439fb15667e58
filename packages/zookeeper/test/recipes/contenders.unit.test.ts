import { describe, expect, it } from "vitest";
import { checkCounter, contenders } from "../../src/recipes/contenders.ts";

const uuid = "_c_084af6b9-3567-45f9-b247-6949a7bb0572-";

describe("the order of a queue", () => {
  it("is that of the numbers, whatever stands before them", () => {
    expect(contenders([`${uuid}lock-0000000003`, "_c_ffff-lock-0000000001", "0a1b2c3d-lock-0000000002"], "lock-")).toEqual(["_c_ffff-lock-0000000001", "0a1b2c3d-lock-0000000002", `${uuid}lock-0000000003`]);
  });

  it("counts behind the last label of a name", () => {
    expect(contenders(["lock-0000000009-lock-0000000001", "x-lock-0000000000"], "lock-")).toEqual(["x-lock-0000000000", "lock-0000000009-lock-0000000001"]);
  });

  it("has kazoo's own names in a lock", () => {
    expect(contenders(["a-lock-0000000002", "cafe__lock__0000000001", "cafe__rlock__0000000000"], "lock-")).toEqual(["cafe__lock__0000000001", "a-lock-0000000002"]);
  });

  it("leaves out what is no contender", () => {
    expect(contenders(["a-latch-0000000001", "lock-1", "readme", "a-lock-00000000012"], "lock-")).toEqual([]);
    expect(contenders(["a-latch-0000000001", "cafe__lock__0000000001"], "latch-")).toEqual(["a-latch-0000000001"]);
  });

  it("puts what was counted after the largest number behind it", () => {
    expect(contenders(["a-lock--2147483648", "a-lock-2147483647", "a-lock--000000001", "a-lock-2147483646"], "lock-")).toEqual(["a-lock-2147483646", "a-lock-2147483647", "a-lock--2147483648", "a-lock--000000001"]);
  });
});

describe("a counter", () => {
  it.each(["0000000000", "0000000001", "2147483646"])("goes on at %s", (number) => {
    expect(() => { checkCounter("/a", `${uuid}lock-${number}`, "lock-"); }).not.toThrow();
  });

  it.each(["2147483647", "-2147483648", "-000000001"])("is exhausted at %s", (number) => {
    expect(() => { checkCounter("/a", `${uuid}lock-${number}`, "lock-"); }).toThrow(expect.objectContaining({ code: "ZK_COUNTER_EXHAUSTED", path: "/a", next: "stop" }));
  });
});
