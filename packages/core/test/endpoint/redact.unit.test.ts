import { describe, expect, it } from "vitest";
import { parseEndpoint, redact } from "../../src/endpoint/parse.ts";

describe("a URI that is shown", () => {
  it.each([
    ["a password", "ws://user:s3cret@host:80/feed", "ws://host:80/feed"],
    ["a password with an @ in it", "ws://user:s3@cret@host", "ws://host"],
    ["a token", "wss://s3cret@[::1]:443", "wss://[::1]:443"],
    ["userinfo of a URI without a scheme", "s3cret@host:3000", "host:3000"],
    ["a password behind what looks like a scheme", "user:s3cret@host:3000", "user:host:3000"],
    ["a query", "ws://host/feed?token=s3cret#part", "ws://host/feed?…"],
    ["a query in front of an @", "host:3000?mail=s3cret@host", "host:3000?…"],
  ])("has lost %s", (_, text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it.each(["unix:/run/app@2.sock", "ws://host/~user@feed", "stdio:worker", "localhost:3000", "/run/app@2.sock"])("is otherwise shown as it is: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("has lost them in the label of an endpoint, too", () => {
    expect(parseEndpoint("user:s3cret@host:3000").label).not.toContain("s3cret");
  });
});
