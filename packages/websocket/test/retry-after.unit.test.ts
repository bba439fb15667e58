import { expect, it } from "vitest";
import { retryAfterOf } from "../src/retry-after.ts";

const date = "Sun, 22 Nov 2026 10:00:00 GMT";

it("reads seconds", () => {
  expect(retryAfterOf({ "retry-after": "120" })).toBe(120_000);
  expect(retryAfterOf({ "retry-after": " 1 " })).toBe(1000);
});

it("reads a date against the date of the same response", () => {
  expect(retryAfterOf({ "retry-after": "Sun, 22 Nov 2026 10:01:00 GMT", date })).toBe(60_000);
});

it("is 0 for what cannot be understood, for the past, and for a date without another to read it by", () => {
  for (const text of [undefined, "", "soon", "-5", "1.5", date, "Sun, 22 Nov 2026 09:00:00 GMT"]) expect(retryAfterOf({ "retry-after": text, date })).toBe(0);
  expect(retryAfterOf({ "retry-after": date })).toBe(0);
});

it("believes an hour at most", () => {
  expect(retryAfterOf({ "retry-after": "99999999999999999999" })).toBe(3_600_000);
});
