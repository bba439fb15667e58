import { framed, Link, OptionError, text, type Failed, type Disconnected, type Frame, type LinkOptions, type Protocol, type HoldfastError } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { connect } from "node:net";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { testCertificate } from "../../../../scripts/certificates.ts";
import { connect as open } from "../../src/index.ts";
import { echoOverTcp, echoOverWebSocket, freePort } from "../plain-servers.ts";
import { mute } from "./mute.ts";

const transports = [tcp({ maxFrameBytes: 1_000 }), websocket({ maxFrameBytes: 1_000 })];
const ours = await testCertificate();
const theirs = await testCertificate();
const elsewhere = await testCertificate(["elsewhere.example"]);
const server = new Server<Frame, Frame>({ protocol: framed(), heartbeat: "lan" });
const listen = async (scheme: string, certificate?: typeof ours): Promise<string> =>
  (await server.listen(transports[scheme.startsWith("ws") ? 1 : 0] ?? tcp(), { uri: `${scheme}://127.0.0.1:0`, ...(certificate && { key: certificate.key, cert: certificate.cert }) })).endpoint.uri;
const places = { tcp: await listen("tcp"), ws: await listen("ws"), tls: await listen("tls", ours), wss: await listen("wss", ours), tlsElsewhere: await listen("tls", elsewhere), wssElsewhere: await listen("wss", elsewhere) };
afterAll(() => server.close({ within: 0 }));

type Made = Link<Frame, Frame>;
function link(endpoints: LinkOptions<Frame, Frame>["endpoints"], options: Partial<LinkOptions<Frame, Frame>> = {}): Made {
  const made = new Link<Frame, Frame>({ endpoints, transports, protocol: framed(), heartbeat: "lan", maxAttempts: 1, dialTimeout: 1_500, logger: false, ...options });
  onTestFinished(() => { made.abort(); });
  return made;
}

/** Opens it and gives the failure of the dial, or of the connection that came first. */
async function failure(made: Made): Promise<HoldfastError> {
  const { promise, resolve } = Promise.withResolvers<HoldfastError>();
  made.on("failed", ({ error }: Failed) => { resolve(error); });
  made.on("disconnected", ({ error }: Disconnected) => { if (error) resolve(error); });
  made.open().catch(() => { /* `failed` or `disconnected` said why. */ });
  return promise;
}

describe("what can never work", () => {
  const some = { protocol: framed(), transports };
  it.each<[string, object, string, RegExp]>([
    ["a URI without a host", { endpoints: "tcp://" }, "endpoints", /such as 'tcp:\/\/10\.0\.0\.1:7000'/],
    ["a URI without a port", { endpoints: "tcp://127.0.0.1" }, "endpoints", /with a port.*tcp:\/\/127\.0\.0\.1/],
    ["a port that is none", { endpoints: "tcp://127.0.0.1:99999" }, "endpoints", /port from 1 to 65535.*99999/],
    ["a port that is a word", { endpoints: "tcp://127.0.0.1:http" }, "endpoints", /port/],
    ["spaces", { endpoints: "tcp://a b:1" }, "endpoints", /URI/],
    ["an empty list", { endpoints: [] }, "endpoints", /at least one endpoint/],
    ["an empty member", { endpoints: "tcp://127.0.0.1:1,,tcp://127.0.0.1:2" }, "endpoints", /URI/],
    ["a list that is not closed", { endpoints: "failover:(tcp://127.0.0.1:1" }, "endpoints", /closing parenthesis/],
    ["a number for a list", { endpoints: 7 }, "endpoints", /got 7/],
    ["a scheme without a transport", { endpoints: "wss://127.0.0.1:1", transports: [tcp()] }, "transports", /no transport for wss: add `websocket\(\) from @holdfast\/websocket`/],
    ["a scheme nobody knows", { endpoints: "gopher://127.0.0.1:1" }, "transports", /no transport for gopher/],
    ["no transport", { transports: [] }, "transports", /\[tcp\(\)\]/],
    ["no protocol", { protocol: undefined }, "protocol", /framed\(\)/],
    ["an interval of 0", { heartbeat: { interval: 0 } }, "heartbeat.interval", /greater than 0.*got 0/],
    ["half a miss", { heartbeat: { maxMisses: 0.5 } }, "heartbeat.maxMisses", /integer of at least 1, got 0\.5/],
    ["an unknown preset", { heartbeat: "fast" }, "heartbeat.preset", /'wan', 'lan' or 'mobile', got "fast"/],
    ["a negative timeout", { dialTimeout: -1 }, "dialTimeout", /greater than 0, got -1/],
    ["attempts that are no number", { maxAttempts: Number.NaN }, "maxAttempts", /at least 0, got NaN/],
    ["an unknown overflow", { outbox: { overflow: "explode" } }, "outbox.overflow", /'dropNewest', got "explode"/],
    ["plain text over TCP with a heartbeat", { protocol: text(), heartbeat: "lan" }, "heartbeat", /nobody can ping/],
  ])("is refused at once, with the option and what was expected: %s", (_, options, option, words) => {
    const make = (): unknown => new Link({ endpoints: "tcp://127.0.0.1:1", ...some, ...options } as LinkOptions<Frame, Frame>); // Wrong on purpose.
    expect(make).toThrow(OptionError);
    expect(make).toThrow(words);
    expect(make).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", option, expected: expect.any(String), next: "stop" }));
  });

  it("is refused by connect(), too", () => {
    expect(() => open("gopher://127.0.0.1:1")).toThrow(OptionError);
    expect(() => open("tcp://127.0.0.1:1", { maxAttempts: -1 })).toThrow("maxAttempts must be a number of at least 0, got -1");
  });
});

describe("a wrong address", () => {
  it.each(["tcp", "tls", "ws", "wss"])("where nobody listens: %s", async (scheme) => {
    const error = await failure(link(`${scheme}://127.0.0.1:${await freePort()}`));
    expect(error).toMatchObject({ code: "HF_DIAL_FAILED", next: "retry" });
    expect(error.message).toMatch(new RegExp(`${scheme}://127\\.0\\.0\\.1:\\d+.*ECONNREFUSED`));
  });

  it.each([
    ["tls", "an authority we do not trust", places.tls, theirs.ca], ["wss", "an authority we do not trust", places.wss, theirs.ca],
    ["tls", "another name", places.tlsElsewhere, elsewhere.ca], ["wss", "another name", places.wssElsewhere, elsewhere.ca],
    ["wss", "no TLS at all", places.ws.replace("ws:", "wss:"), ours.ca],
  ])("where somebody else answers: %s, %s", async (_, __, uri, ca) => {
    const error = await failure(link([{ uri, ca }]));
    expect(error).toMatchObject({ code: "HF_TLS", next: "elsewhere" });
    expect(error.message).toContain(new URL(uri).host);
  });

  it("where a server of frames takes our TLS for garbage", async () => {
    const error = await failure(link(places.tcp.replace("tcp:", "tls:")));
    expect(error).toMatchObject({ code: "HF_DIAL_FAILED" });
    expect(error.message).toContain("is it the right port, and does it speak this protocol?");
  });

  it("where TLS is spoken and we do not", async () => {
    const error = await failure(link(places.tls.replace("tls:", "tcp:")));
    expect(error.code).toMatch(/^HF_(NOT_HOLDFAST|REFUSED|RESET)$/);
  });
});

describe("two sides that speak differently", () => {
  it("a framed link and a plain echo server: it is told, not timed out", async () => {
    const { uri } = await echoOverTcp();
    const error = await failure(link(uri));
    expect(error).toMatchObject({ code: "HF_NOT_HOLDFAST", next: "elsewhere" });
    expect(error.message).toMatch(/does not speak the framed protocol.*use text\(\), bytes\(\) or json\(\)/);
  });

  it("a framed link and a plain echo server over WebSocket", async () => {
    const { uri } = await echoOverWebSocket();
    expect(await failure(link(uri))).toMatchObject({ code: "HF_NOT_HOLDFAST" });
  });

  it.each(["220 smtp.example ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0", Uint8Array.of(255, 255, 255, 255, 255, 255)])("a framed link and a server that greets in its own way: %j", async (words) => {
    await using stranger = await mute(words);
    expect(await failure(link(`tcp://127.0.0.1:${stranger.port}`))).toMatchObject({ code: "HF_NOT_HOLDFAST" });
  });

  it.each(["tcp", "ws"] as const)("a plain link and a framed server: the server hangs up at its first word: %s", async (scheme) => {
    const plain = link(places[scheme], { protocol: text() as unknown as Protocol<Frame, Frame>, heartbeat: false }); // It sends strings only.
    const ended = new Promise<Disconnected>((resolve) => { plain.once("disconnected", resolve); });
    const refused = new Promise<string | undefined>((resolve) => { server.once("refused", ({ error }) => { resolve(error?.code); }); });
    await plain.open();
    plain.send("hello");
    expect((await ended).unconfirmed).toBe(1);
    expect(await refused).toBe("HF_NOT_HOLDFAST");
  });
});

describe("frames that break the rules", () => {
  const hello = Uint8Array.of(5, 9, 0x68, 0x66, 1, 2);
  it.each<[string, Uint8Array, string]>([
    ["a frame of no bytes", Uint8Array.of(...hello, 0), "HF_BAD_FRAME"],
    ["a frame of an unknown kind", Uint8Array.of(...hello, 1, 77), "HF_BAD_FRAME"],
    ["a ping that is too short", Uint8Array.of(...hello, 2, 1, 0), "HF_BAD_FRAME"],
    ["a frame longer than we allow", Uint8Array.of(...hello, 0xe9, 0x07, 0), "HF_FRAME_TOO_LONG"],
    ["a length without end", Uint8Array.of(...hello, 255, 255, 255, 255, 255, 255), "HF_BAD_FRAME"],
  ])("end the channel with an error that names them: %s", async (_, words, code) => {
    await using stranger = await mute(words);
    expect(await failure(link(`tcp://127.0.0.1:${stranger.port}`))).toMatchObject({ code, whose: "remote" });
  });

  it.each(["tcp", "ws"] as const)("of our own are refused where they are sent, and nothing breaks: %s", async (scheme) => {
    const made = link(places[scheme]);
    const heard = new Promise<Frame>((resolve) => { made.once("message", resolve); });
    server.once("peer", ({ peer }) => { peer.on("message", (message) => { peer.send(message); }); });
    await made.open();
    expect(() => made.send(new Uint8Array(5_000))).toThrow(expect.objectContaining({ code: "HF_FRAME_TOO_LONG", whose: "local" }));
    made.send("still here");
    expect(await heard).toBe("still here");
    await made.close();
  });

  it("cost a server nothing but that one peer", async () => {
    const good = link(places.tcp);
    await good.open();
    const framer = varint().start(100);
    for (const garbage of [Uint8Array.of(0), new Uint8Array(3_000).fill(255), framer.wrap(Uint8Array.of(9, 0x68, 0x66, 9, 1)), new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")]) {
      const refused = new Promise<string | undefined>((resolve) => { server.once("refused", ({ error }) => { resolve(error?.code); }); });
      const stranger = connect(Number(new URL(places.tcp).port), "127.0.0.1");
      stranger.on("error", () => { /* It is hung up on. */ });
      stranger.write(garbage);
      expect(await refused).toBe("HF_NOT_HOLDFAST");
      stranger.destroy();
    }
    expect(good.phase).toBe("connected");
    await good.close();
  });
});

describe("listeners that throw", () => {
  it("do not break the link: it goes on, and the error surfaces as an uncaught one", async () => {
    const uncaught: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => { uncaught.push(error); });
    onTestFinished(() => {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    });
    const made = link(places.tcp, { protocol: framed() });
    server.once("peer", ({ peer }) => { peer.on("message", (message) => { peer.send(message); }); });
    made.once("connected", () => { throw new Error("in connected"); });
    made.once("message", () => { throw new Error("in message"); });
    await made.open();
    const second = new Promise<Frame>((resolve) => { made.on("message", (message) => { if (message === "two") resolve(message); }); });
    made.send("one");
    made.send("two");
    expect(await second).toBe("two");
    await expect.poll(() => uncaught.map(String)).toEqual(["Error: in connected", "Error: in message"]);
    await made.close();
  });
});
