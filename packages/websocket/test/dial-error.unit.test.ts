import { describe, expect, it } from "vitest";
import { dialError } from "../src/dial-error.ts";

const failed = (code: string): string => dialError("ws://host:80", Object.assign(new Error("connect 10.0.0.1:80"), { code })).message;

describe("a dial that the network fails", () => {
  it.each([
    ["ECONNREFUSED", "nothing listens there: is the server started?"],
    ["ECONNRESET", "whoever answered hung up at once"],
    ["ENOTFOUND", "there is no such host"],
    ["EAI_AGAIN", "the name server does not answer"],
    ["EHOSTUNREACH", "there is no way to this host"],
    ["ENETUNREACH", "there is no way to this network"],
    ["ETIMEDOUT", "nobody answers there"],
  ])("says what to do about %s", (code, advice) => {
    expect(failed(code)).toContain(`could not connect to ws://host:80 (${code}); ${advice}`);
  });

  it("says no more than the code where there is no advice", () => {
    expect(failed("EMFILE")).toBe("could not connect to ws://host:80 (EMFILE)");
  });
});
