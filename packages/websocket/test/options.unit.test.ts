import { OptionError, parseEndpoint, type EndpointEntry } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { websocket as browserWebsocket } from "../src/browser.ts";
import { websocket, type WebSocketOptions } from "../src/index.ts";

/** The option that an `OptionError` names; other errors are none of ours. */
function complaint(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof OptionError) return error.option;
    throw error;
  }
  return undefined;
}

describe("websocket() on Node", () => {
  it("serves ws and wss, with everything a transport can do", () => {
    const { schemes, traits } = websocket();
    expect(schemes).toEqual(["ws", "wss"]);
    expect(traits).toEqual({ listens: true, drains: true, pauses: true, pings: true, text: true, maxFrameBytes: 1_048_576 });
    expect(websocket({ maxFrameBytes: 10 }).traits.maxFrameBytes).toBe(10);
  });

  it.each<[string, unknown]>([
    ["maxFrameBytes", 0], ["maxFrameBytes", 1.5], ["maxFrameBytes", 2 ** 31], ["maxFragments", 0], ["closeTimeout", -1], ["closeTimeout", Infinity], ["handshakeTimeout", 0],
    ["closeCodes", { 1000: "again" }], ["closeCodes", { 99: "stop" }],
    ["statuses", { 401: "again" }], ["statuses", { 101: "stop" }], ["statuses", { 4401: "stop" }],
    ["origins", "https://app.example"], ["origins", ["https://app.example/"]], ["origins", ["app.example"]],
    ["protocols", "two words"], ["protocols", ["a", "a"]], ["protocols", [""]],
    ["headers", "x: y"], ["headers", { "bad name": "x" }], ["headers", { "x-token": "line\nbreak" }],
    ["agent", {}], ["servername", 5],
  ])("refuses %s = %o at construction", (option, value) => {
    expect(complaint(() => websocket({ [option]: value } as WebSocketOptions))).toBe(option);
  });

  it("refuses certificates that cannot be read", () => {
    expect(complaint(() => websocket({ cert: "-----BEGIN nonsense", key: "x" }))).toBe("ca, cert and key");
  });

  it("shows no value of a header that is wrong", () => {
    expect(() => websocket({ headers: { "x-token": "s3cr3t\n" } })).toThrow(/^((?!s3cr3t).)*$/s);
  });

  it("takes everything that is right", () => {
    const options: WebSocketOptions = {
      headers: { "x-list": ["a", "b"], "x-none": undefined, "x-number": 5 }, protocols: ["v1", "v2"], closeTimeout: 0, closeCodes: { 1000: "retry", 4999: "stop" }, statuses: { 200: "stop", 401: "retry", 599: "elsewhere" },
      origins: ["https://app.example", "null", "capacitor://localhost"],
    };
    expect(complaint(() => websocket(options))).toBeUndefined();
  });
});

describe.each([["Node", websocket], ["browsers", browserWebsocket]])("an endpoint for %s", (_, create) => {
  function check(entry: EndpointEntry): string | undefined {
    return complaint(() => { create().check?.(parseEndpoint(entry)); });
  }

  it("needs a host and has no fragment", () => {
    expect(check("ws://example.com/feed?x=1")).toBeUndefined();
    expect(check("wss:feed")).toBe("endpoint");
    expect(check("ws://example.com/#top")).toBe("endpoint");
  });
});

describe("an endpoint's own options", () => {
  const check = (entry: EndpointEntry): string | undefined => complaint(() => { websocket().check?.(parseEndpoint(entry)); });

  it("are checked like those of the transport, and named with their endpoint", () => {
    const uri = "wss://example.com/";
    expect(check({ uri, headers: { a: "b" }, protocols: "x", servername: "other.example", weight: 5 })).toBeUndefined();
    expect(check({ uri, headers: 5 })).toBe("wss://example.com:443: headers");
    expect(check({ uri, protocols: "a b" })).toBe("wss://example.com:443: protocols");
    expect(check({ uri, ca: "/etc/ssl/ca.pem" })).toBe("wss://example.com:443: ca");
  });

  it("include statuses", () => {
    expect(check({ uri: "wss://example.com/", statuses: { 401: "retry" } })).toBeUndefined();
    expect(check({ uri: "wss://example.com/", statuses: { 401: "again" } })).toBe("wss://example.com:443: statuses");
  });

  it("need a port above 0 to be dialled", () => {
    expect(check("ws://example.com:0/")).toBe("endpoint");
  });
});

describe("websocket() in browsers", () => {
  it("declares what a browser cannot do", () => {
    expect(browserWebsocket().traits).toEqual({ listens: false, drains: true, pauses: false, pings: false, text: true, maxFrameBytes: 1_048_576 });
    expect("listen" in browserWebsocket()).toBe(false);
  });

  it.each(["headers", "statuses", "agent", "ca", "cert", "key"])("refuses %s, given to the transport or to an endpoint", (option) => {
    expect(complaint(() => browserWebsocket({ [option]: {} }))).toBe(option);
    expect(complaint(() => { browserWebsocket().check?.(parseEndpoint({ uri: "ws://example.com", [option]: {} })); })).toBe(option);
  });

  it("refuses closeCodes and limits that make no sense", () => {
    expect(complaint(() => browserWebsocket({ closeCodes: { 1000: "again" as "retry" } }))).toBe("closeCodes");
    expect(complaint(() => browserWebsocket({ maxFrameBytes: 0 }))).toBe("maxFrameBytes");
  });
});
