import { describe, expect, it } from "vitest";
import { OptionError, parseEndpoint, type EndpointEntry } from "@holdfast/core";
import * as framing from "@holdfast/core/framing";
import * as tcpPackage from "../src/index.ts";
import { tcp, type TcpOptions } from "../src/index.ts";

/** The types forbid these values; plain JavaScript does not. */
function wrong(options: Readonly<Record<string, unknown>>): TcpOptions {
  return options as TcpOptions;
}

function check(entry: EndpointEntry, options?: TcpOptions): void {
  tcp(options).check?.(parseEndpoint(entry));
}

describe("tcp()", () => {
  it("serves tcp, tls and unix, and is what a bare host:port means", () => {
    expect(tcp().schemes).toEqual(["tcp", "tls", "unix"]);
  });

  it("declares what its channels can do", () => {
    expect(tcp().traits).toEqual({ listens: true, drains: true, pauses: true, pings: false, text: false, maxFrameBytes: 1_048_576 });
    expect(tcp({ maxFrameBytes: 10 }).traits.maxFrameBytes).toBe(10);
  });

  it("brings the framings along", () => {
    const { tcp: own, ...others } = tcpPackage;
    const { unfinished, ...framings } = framing;
    expect(others).toEqual(framings);
    expect([typeof own, typeof unfinished]).toEqual(["function", "function"]);
  });

  it.each([
    ["framing", { framing: "lines" }],
    ["maxFrameBytes", { maxFrameBytes: 0 }],
    ["maxFrameBytes", { maxFrameBytes: Infinity }],
    ["maxFrameBytes", { maxFrameBytes: NaN }],
    ["maxFrameBytes", { maxFrameBytes: "1000" }],
    ["noDelay", { noDelay: 1 }],
    ["keepAlive", { keepAlive: 0 }],
    ["keepAlive", { keepAlive: true }],
    ["closeTimeout", { closeTimeout: -1 }],
    ["closeTimeout", { closeTimeout: Infinity }],
    ["tls.servername", { tls: { servername: "" } }],
    ["tls.requestCert", { tls: { requestCert: "yes" } }],
    ["tls.rejectUnauthorized", { tls: { rejectUnauthorized: false } }],
    ["tls.checkServerIdentity", { tls: { checkServerIdentity: () => undefined } }],
    ["tls.insecure", { tls: { insecure: true } }],
    ["tls.ca, cert, key, passphrase and minVersion", { tls: { cert: "no PEM" } }],
    ["tls.ca, cert, key, passphrase and minVersion", { tls: { minVersion: "SSLv3" } }],
  ])("throws an OptionError that names %s at once", (option, options) => {
    expect(() => tcp(wrong(options))).toThrow(expect.objectContaining({ name: "OptionError", option }));
  });

  it("never shows a key", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    const thrown = caught(() => tcp({ tls: { key } }));
    expect(thrown).toBeInstanceOf(OptionError);
    expect(String(thrown)).not.toContain("c2VjcmV0");
  });
});

describe("check", () => {
  it.each(["tcp://10.0.0.1:7000", "tls://example.com:7000", "tcp://[::1]:7000", "unix:/run/app.sock", "unix:///run/app.sock", "unix:app.sock"])("accepts %s", (uri) => {
    expect(() => { check(uri); }).not.toThrow();
  });

  it.each([
    ["tcp://10.0.0.1", "port"], ["tls://example.com", "port"], ["tcp://10.0.0.1:0", "port"], ["tcp:10.0.0.1", "port"],
    ["unix:", "path"], ["unix://", "path"], ["unix://run/app.sock", "path"],
  ])("refuses %s and asks for a %s", (uri, missing) => {
    expect(() => { check(uri); }).toThrow(expect.objectContaining({ name: "OptionError", message: expect.stringContaining(missing) as string }));
  });

  it("refuses an endpoint whose TLS options cannot work, without showing its secrets", () => {
    const thrown = caught(() => { check({ uri: "tls://user:secret@example.com:7000", ca: "x", key: "secret" }); });
    expect(thrown).toBeInstanceOf(OptionError);
    expect(String(thrown)).toContain("tls://example.com:7000: ca, cert, key");
    expect(String(thrown)).not.toContain("secret");
  });

  it("refuses an endpoint that would not be verified", () => {
    expect(() => { check({ uri: "tls://example.com:7000", rejectUnauthorized: false }); }).toThrow("the peer is always verified");
  });
});

describe("listen", () => {
  it.each([
    ["a certificate", "tls://127.0.0.1:0", {}],
    ["an authority for the clients' certificates", "tls://127.0.0.1:0", { tls: { requestCert: true } }],
    ["a host", "tcp:", {}],
    ["a path", "unix:", {}],
  ])("rejects with an OptionError where %s is missing", async (_missing, uri, options) => {
    await expect(tcp(options).listen?.(parseEndpoint(uri), { accept: () => {} })).rejects.toThrow(OptionError);
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
