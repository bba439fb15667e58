import { describe, expect, it } from "vitest";
import { closeError, freshCodes } from "../src/close-codes.ts";
import { closeFrame } from "../src/farewell.ts";

describe("the peer's close", () => {
  it.each([1000, 1001, 1005])("is an orderly end with %i", (code) => {
    expect(closeError("ws://a", { code, reason: "bye" })).toBeUndefined();
  });

  it.each([[1002, "retry"], [1008, "elsewhere"], [1011, "retry"], [1012, "elsewhere"], [1013, "elsewhere"], [1014, "elsewhere"], [4400, "retry"], [4401, "stop"], [4403, "stop"]])("means with %i: %s", (code, next) => {
    expect(closeError("ws://a", { code, reason: "" })).toMatchObject({ code: "HF_CLOSED_BY_PEER", closeCode: code, next, message: `ws://a closed with code ${code}` });
  });

  it("for bad credentials means elsewhere where a function gives fresh ones, unless the user named it", () => {
    const codes = freshCodes({ 4403: "stop" });
    expect([4401, 4403, 4400].map((code) => closeError("ws://a", { code, reason: "" }, codes)?.next)).toEqual(["elsewhere", "stop", "retry"]);
    expect(closeError("ws://a", { code: 1000, reason: "" }, codes)).toBeUndefined();
  });

  it("is a reset where there was no close frame", () => {
    const cause = new Error("ECONNRESET");
    expect(closeError("ws://a", { code: 1006, reason: "" }, {}, cause)).toMatchObject({ code: "HF_RESET", closeCode: 1006, next: "retry", cause });
  });

  it("means what the user says it means", () => {
    expect(closeError("ws://a", { code: 1000, reason: "" }, { 1000: "elsewhere" })).toMatchObject({ code: "HF_CLOSED_BY_PEER", next: "elsewhere" });
    expect(closeError("ws://a", { code: 1006, reason: "" }, { 1006: "elsewhere" })).toMatchObject({ code: "HF_RESET", next: "elsewhere" });
  });

  it("gives its reason in at most 120 characters, and no control characters among them", () => {
    const reason = `\u001b[31mred\r\n\u0000\u007f\u0085\u2028\u202e😀${"x".repeat(200)}`;
    expect(closeError("ws://a", { code: 4000, reason })?.message).toBe(`ws://a closed with code 4000: [31mred😀${"x".repeat(112)}`);
  });
});

describe("our close frame", () => {
  const any = (): boolean => true;

  it("has the code and the reason that were given, or 1000 and none", () => {
    expect(closeFrame({ code: 4000, reason: "bye" }, any)).toEqual({ code: 4000, reason: "bye" });
    expect(closeFrame({}, any)).toEqual({ code: 1000, reason: "" });
  });

  it("has 1000 where the code cannot be sent", () => {
    expect(closeFrame({ code: 1006, reason: "bye" }, () => false)).toEqual({ code: 1000, reason: "bye" });
  });

  it("cuts the reason at 123 bytes, between characters", () => {
    expect(closeFrame({ reason: "x".repeat(200) }, any).reason).toHaveLength(123);
    expect(closeFrame({ reason: "€".repeat(50) }, any).reason).toBe("€".repeat(41));
    expect(closeFrame({ reason: `${"x".repeat(120)}😀` }, any).reason).toBe("x".repeat(120));
  });
});
