import { expect, it } from "vitest";
import { isWelcome } from "../src/origin.ts";

it("lets in requests without an origin, which no browser makes", () => {
  expect(isWelcome("same-host", undefined, "a.example")).toBe(true);
  expect(isWelcome([], undefined, undefined)).toBe(true);
});

it.each([
  ["https://a.example", "a.example", true],
  ["https://a.example", "a.example:443", true],
  ["http://a.example:80", "A.Example", true],
  ["http://a.example:8080", "a.example:8080", true],
  ["http://[::1]:8080", "[::1]:8080", true],
  ["http://a.example:8080", "a.example", false],
  ["https://b.example", "a.example", false],
  ["https://a.example.evil", "a.example", false],
  ["https://a.example", undefined, false],
  ["https://a.example", "", false],
  ["null", "a.example", false],
  ["file://", "", false],
])("compares the page %s with the host %s that it asked: %s", (origin, host, welcome) => {
  expect(isWelcome("same-host", origin, host)).toBe(welcome);
});

it("knows the members of a list whatever their case, and nobody else", () => {
  expect(isWelcome(["https://App.example", "null"], "https://app.example", "x")).toBe(true);
  expect(isWelcome(["https://app.example", "null"], "null", "x")).toBe(true);
  expect(isWelcome(["https://app.example"], "https://app.example:8443", "x")).toBe(false);
});
