import { connect } from "holdfast";
import { expect, it } from "vitest";

it("connect() runs in a page, and says what became of a server that is not there", async () => {
  // Port 9 is one of those that browsers refuse to dial at all.
  const link = connect("ws://127.0.0.1:9/", { maxAttempts: 1, logger: false });
  const { cause, error } = await link.closed;
  expect(cause).toBe("exhausted");
  expect(error?.code).toMatch(/^HF_/);
  await expect(link.ready()).rejects.toBe(error);
});

it("connect() refuses in a page what no page can dial", () => {
  expect(() => connect("tcp://127.0.0.1:7000")).toThrow(/no transport for tcp/);
});
