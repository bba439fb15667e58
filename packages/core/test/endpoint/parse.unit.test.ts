import { describe, expect, it } from "vitest";
import { parseList } from "../../src/endpoint/list.ts";
import { parseEndpoint } from "../../src/endpoint/parse.ts";
import { readQuery } from "../../src/endpoint/query.ts";
import { OptionError } from "../../src/errors/option-error.ts";

describe("a URI", () => {
  it.each<[string, { scheme: string; host?: string; port?: number; path?: string; label: string }]>([
    ["tcp://10.0.0.1:7000", { scheme: "tcp", host: "10.0.0.1", port: 7_000, label: "tcp://10.0.0.1:7000" }],
    ["  TCP://Example.COM:7000 ", { scheme: "tcp", host: "Example.COM", port: 7_000, label: "tcp://Example.COM:7000" }],
    ["tcp://host", { scheme: "tcp", host: "host", port: 0, label: "tcp://host" }],
    ["tcp://[::1]:7000", { scheme: "tcp", host: "::1", port: 7_000, label: "tcp://[::1]:7000" }],
    ["ws://host/feed", { scheme: "ws", host: "host", port: 80, path: "/feed", label: "ws://host:80/feed" }],
    ["wss://host/", { scheme: "wss", host: "host", port: 443, path: "/", label: "wss://host:443" }],
    ["wss://host/a%20b?x=1#y", { scheme: "wss", host: "host", port: 443, path: "/a b", label: "wss://host:443/a b?…" }],
    ["wss://host/%zz", { scheme: "wss", host: "host", port: 443, path: "/%zz", label: "wss://host:443/%zz" }],
    ["wss://host/@scope/feed", { scheme: "wss", host: "host", port: 443, path: "/@scope/feed", label: "wss://host:443/@scope/feed" }],
    ["wss://user:pass@host", { scheme: "wss", host: "host", port: 443, label: "wss://host:443" }],
    ["unix:/run/app.sock", { scheme: "unix", host: "", port: 0, path: "/run/app.sock", label: "unix:/run/app.sock" }],
    ["unix:/run/a@b.sock", { scheme: "unix", host: "", port: 0, path: "/run/a@b.sock", label: "unix:/run/a@b.sock" }],
    ["stdio:worker", { scheme: "stdio", host: "", port: 0, path: "worker", label: "stdio:worker" }],
  ])("%s is read", (uri, { label, ...parts }) => {
    const endpoint = parseEndpoint(uri);
    expect(endpoint).toMatchObject(parts);
    expect([endpoint.label, `${endpoint as unknown as string}`, JSON.stringify(endpoint)]).toEqual([label, label, JSON.stringify(label)]);
    expect(endpoint.uri).toBe(uri.trim());
  });

  it.each<[unknown, string]>([
    ["", "a URI such as 'tcp://10.0.0.1:7000'"],
    ["   ", "a URI such as 'tcp://10.0.0.1:7000'"],
    [7, "a URI such as 'tcp://10.0.0.1:7000'"],
    [{ uri: undefined }, "a URI such as 'tcp://10.0.0.1:7000'"],
    ["localhost:3000", "a URI with a scheme, such as 'tcp://10.0.0.1:7000'"],
    ["host", "a URI with a scheme, such as 'tcp://10.0.0.1:7000'"],
    ["tcp://host:99999", "a URI such as 'tcp://10.0.0.1:7000' with a port from 1 to 65535"],
    ["tcp://host:port", "a URI such as 'tcp://10.0.0.1:7000' with a port from 1 to 65535"],
    ["tcp://[::1", "a URI such as 'tcp://10.0.0.1:7000' with a port from 1 to 65535"],
    ["ws://ho st", "a URI such as 'tcp://10.0.0.1:7000' with a port from 1 to 65535"],
  ])("%s is refused", (entry, expected) => {
    const parse = (): unknown => parseEndpoint(entry as string, "servers"); // Wrong on purpose.
    expect(parse).toThrow(OptionError);
    expect(parse).toThrow(expect.objectContaining({ option: "servers", expected }));
  });

  it("may carry options for its transport, which are not shown", () => {
    const endpoint = parseEndpoint({ uri: "tcp://host:1", ca: "s3cret" });
    expect(endpoint.options).toEqual({ ca: "s3cret" });
    expect(JSON.stringify({ ...endpoint })).not.toContain("s3cret");
  });
});

describe("a list", () => {
  it.each<[string, readonly string[], object]>([
    ["tcp://a:1", ["tcp://a:1"], {}],
    ["tcp://a:1,tcp://b:2", ["tcp://a:1", "tcp://b:2"], {}],
    [" a:1 , b:2 ", ["a:1", "b:2"], {}],
    ["failover:(tcp://a:1,tcp://b:2)", ["tcp://a:1", "tcp://b:2"], {}],
    ["failover://(tcp://a:1)", ["tcp://a:1"], {}],
    ["FAILOVER:(tcp://a:1)?randomize=false&maxReconnectDelay=5", ["tcp://a:1"], { randomize: "false", maxReconnectDelay: "5" }],
  ])("%s is read", (text, members, query) => {
    expect(parseList(text)).toEqual({ members, query });
  });

  it.each(["failover:tcp://a:1", "failover:(tcp://a:1", "failover:(tcp://a:1)randomize=false", "failover:(a,failover:(b))", "failover:()()", "failover:(tcp://a#b)", "failover:(tcp://a:1)?randomize=%74rue", "failover:(tcp://a:1)#x"])("%s is refused", (text) => {
    expect(() => parseList(text)).toThrow(expect.objectContaining({ option: "endpoints", expected: expect.stringMatching(/^written failover:\(uri1,uri2\)\?key=value, with the options after the closing parenthesis \(withFailover\(\) of @holdfast\/core\/failover/) }));
  });

  it("understands the options of ActiveMQ", () => {
    expect(readQuery({})).toEqual({});
    expect(readQuery({ randomize: "true" })).toEqual({ shuffle: true });
    expect(readQuery({ initialReconnectDelay: "10", maxReconnectDelay: "20", reconnectDelayExponent: "2" })).toEqual({ backoff: { initial: 10, max: 20, factor: 2 } });
    expect(readQuery({ useExponentialBackOff: "false", reconnectDelayExponent: "3" })).toEqual({ backoff: { factor: 1 } });
    expect(readQuery({ useExponentialBackOff: "TRUE" })).toEqual({});
  });

  it.each([
    [{ retries: "3" }, "endpoints: ?retries", expect.stringContaining("one of randomize, initialReconnectDelay, maxReconnectDelay, reconnectDelayExponent, useExponentialBackOff here")],
    [{ randomize: "yes" }, "endpoints: ?randomize", "true or false"],
    [{ useExponentialBackOff: "" }, "endpoints: ?useExponentialBackOff", "true or false"],
    [{ initialReconnectDelay: "soon" }, "endpoints: ?initialReconnectDelay", "a number of at least 0"],
    [{ maxReconnectDelay: "1e3" }, "endpoints: ?maxReconnectDelay", "a number of at least 0"],
    [{ maxReconnectDelay: "-1" }, "endpoints: ?maxReconnectDelay", "a number of at least 0"],
    [{ maxReconnectDelay: "" }, "endpoints: ?maxReconnectDelay", "a number of at least 0"],
    [{ reconnectDelayExponent: "Infinity" }, "endpoints: ?reconnectDelayExponent", "a number of at least 0"],
  ])("%o is refused", (query, option, expected) => {
    expect(() => readQuery(query as never)).toThrow(expect.objectContaining({ option, expected }));
  });
});
