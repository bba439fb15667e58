import { ConnectError, constant, Link, parseEndpoint, text, type EndpointEntry } from "@holdfast/core";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { websocket, type WebSocketOptions } from "../src/index.ts";
import { dialed, mailbox, never, rawServer, tcpServer } from "./meeting.ts";
import { Recorder } from "./recorder.ts";

/** The error of a dial that fails. */
async function failure(entry: EndpointEntry, options: WebSocketOptions = {}, signal: AbortSignal = never): Promise<unknown> {
  return await websocket(options).dial(parseEndpoint(entry), { signal }).then(() => { throw new Error("the dial succeeded"); }, (error: unknown) => error);
}

/** A server that answers every request with these lines. */
async function answering(...lines: string[]): Promise<{ uri: string; asked: () => Promise<string> }> {
  const requests = mailbox<string>();
  const { uri } = await tcpServer((socket) => {
    socket.once("data", (data) => {
      requests.put(data.toString());
      socket.end(`${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  return { uri, asked: requests.take };
}

describe("a refusal", () => {
  it.each([
    [401, "stop"], [403, "stop"], [302, "elsewhere"], [404, "elsewhere"], [400, "elsewhere"], [429, "elsewhere"], [503, "elsewhere"], [500, "retry"], [502, "retry"],
  ])("by HTTP status %i means %s", async (status, next) => {
    const { uri } = await answering(`HTTP/1.1 ${status} Whatever`);
    const error = await failure(uri);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: "HF_REFUSED", next, retryAfter: 0, endpoint: uri.slice(0, -1), message: expect.stringContaining(`HTTP status ${status}`) as string });
  });

  it.each<[string, WebSocketOptions, object]>([
    ["headers", { headers: () => ({ "x-token": "fresh" }) }, {}],
    ["protocols", { protocols: async () => ["fresh"] }, {}],
    ["headers of the endpoint", { headers: { "x-kept": "yes" } }, { headers: () => ({ "x-token": "fresh" }) }],
    ["protocols of the endpoint", { protocols: "stale" }, { protocols: () => "fresh" }],
  ])("for bad credentials means elsewhere where a function gives %s", async (_, options, own) => {
    for (const status of [401, 403]) {
      const { uri } = await answering(`HTTP/1.1 ${status} No`);
      expect(await failure({ uri, ...own }, options)).toMatchObject({ code: "HF_REFUSED", next: "elsewhere" });
    }
  });

  it("for bad credentials means stop where the endpoint's own protocols replace the function", async () => {
    const { uri } = await answering("HTTP/1.1 401 No");
    expect(await failure({ uri, protocols: "chat" }, { protocols: () => "fresh" })).toMatchObject({ next: "stop" });
  });

  it("means what the user says it means, and the endpoint more than the transport", async () => {
    const statuses = { 401: "retry", 403: "elsewhere", 404: "stop" } as const;
    for (const [status, next] of [[401, "retry"], [403, "stop"], [404, "stop"], [503, "elsewhere"]] as const) {
      const { uri } = await answering(`HTTP/1.1 ${status} Whatever`);
      expect(await failure({ uri, statuses: { 403: "stop" } }, { statuses, headers: () => ({}) })).toMatchObject({ code: "HF_REFUSED", next });
    }
  });

  it("of one fresh token does not end a link: it comes back with the next", async () => {
    const tokens = ["expired", "valid"];
    const { uri } = await rawServer({ verifyClient: ({ req }, decide) => { decide(req.headers["x-token"] === "valid", 401); } });
    const link = new Link({ endpoints: uri, transports: [websocket({ headers: () => ({ "x-token": tokens.shift() }) })], protocol: text(), backoff: constant(1), logger: false });
    onTestFinished(() => { link.abort(); });
    await link.open();
    expect(link.snapshot()).toMatchObject({ phase: "connected", attempt: 2 });
  });

  it("is not followed to another address", async () => {
    const elsewhere = await answering("HTTP/1.1 404 Not Found");
    const { uri } = await answering("HTTP/1.1 301 Moved", `Location: ${elsewhere.uri}?token=leaked`);
    const error = await failure(uri);
    expect(error).toMatchObject({ code: "HF_REFUSED", message: expect.stringContaining("301") as string });
    expect(inspect(error)).not.toContain("leaked");
  });

  it("says when to come back", async () => {
    const { uri } = await answering("HTTP/1.1 503 Busy", "Retry-After: 7");
    expect(await failure(uri)).toMatchObject({ retryAfter: 7000 });
    const limited = await answering("HTTP/1.1 429 Slow Down", "Date: Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After: Sun, 22 Nov 2026 10:00:03 GMT");
    expect(await failure(limited.uri)).toMatchObject({ retryAfter: 3000 });
  });

  it("is also a handshake that is not one", async () => {
    const { uri } = await answering("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: nonsense");
    expect(await failure(uri)).toMatchObject({ code: "HF_REFUSED", next: "elsewhere", message: expect.stringContaining("Sec-WebSocket-Accept") as string });
  });

  it("is also a server that does not speak HTTP, and what it said is not told", async () => {
    const { uri } = await tcpServer((socket) => { socket.write("220 mail.example secret-banner\r\n"); });
    const error = await failure(uri);
    expect(error).toMatchObject({ code: "HF_REFUSED", next: "elsewhere" });
    expect(inspect(error, { depth: 9 })).not.toContain("secret-banner");
    expect((error as Error).cause).toBeUndefined(); // It would carry the bytes.
  });

  it("leaves no connection behind", async () => {
    const closed = mailbox<true>();
    const { uri } = await tcpServer((socket) => {
      socket.once("data", () => { socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n"); }).on("close", () => { closed.put(true); });
    });
    await failure(uri);
    expect(await closed.take()).toBe(true);
  });
});

describe("a dial that fails", () => {
  it("names the code of the socket and keeps its error as the cause", async () => {
    const { uri, server } = await tcpServer(() => {});
    server.close();
    await once(server, "close");
    expect(await failure(uri)).toMatchObject({ code: "HF_DIAL_FAILED", next: "retry", message: `could not connect to ${uri.slice(0, -1)} (ECONNREFUSED); nothing listens there: is the server started?`, cause: { code: "ECONNREFUSED" } });
  });

  it("says so when the server hangs up", async () => {
    const { uri } = await tcpServer((socket) => { socket.once("data", () => { socket.destroy(); }); });
    expect(await failure(uri)).toMatchObject({ code: "HF_DIAL_FAILED", cause: { code: "ECONNRESET" } });
  });

  it("shows no secret of the URL, of headers or of subprotocols, whatever went wrong", async () => {
    const secret = "s3cr3t";
    const options = { headers: { authorization: `Bearer ${secret}` }, protocols: ["chat", secret] };
    const { uri } = await answering("HTTP/1.1 403 No");
    const gone = await tcpServer(() => {});
    gone.server.close();
    const addressed = [uri, gone.uri].map((base) => `${base.replace("//", `//user:${secret}@`)}path?token=${secret}`);
    const errors = await Promise.all(addressed.map((entry) => failure(entry, options)));
    errors.push(await failure(`ws://127.0.0.1:1/?${secret}#${secret}`, options));
    errors.push(await failure(uri, { headers: () => ({ "x-token": `${secret}\n` }) }));
    errors.push(await failure(uri, { protocols: () => [`${secret} ${secret}`] }));
    expect(errors.map((error) => (error as ConnectError).name)).toEqual(Array(5).fill("ConnectError"));
    expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});

describe("an aborted dial", () => {
  it("rejects with the reason at once when the signal is aborted before", async () => {
    const reason = new Error("not now");
    expect(await failure("ws://127.0.0.1:1/", {}, AbortSignal.abort(reason))).toBe(reason);
  });

  it("rejects with the reason while it connects, and leaves no socket", async () => {
    const connected = mailbox<true>();
    const closed = mailbox<true>();
    const { uri, connections } = await tcpServer((socket) => {
      connected.put(true);
      socket.resume().on("close", () => { closed.put(true); });
    });
    const controller = new AbortController();
    const outcome = failure(uri, {}, controller.signal);
    await connected.take();
    const reason = new Error("too slow");
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await closed.take();
    expect(connections.size).toBe(0);
  });

  it("leaves no socket when it is aborted in the turn it was started", async () => {
    const { uri, sockets, server } = await rawServer();
    const controller = new AbortController();
    const outcome = failure(uri, {}, controller.signal);
    controller.abort(new Error("at once"));
    expect(await outcome).toMatchObject({ message: "at once" });
    await dialed(uri); // Whatever the first dial had under way has arrived before this one.
    await sockets();
    expect(server.clients.size).toBe(1);
  });

  it.each(["before", "after"])("leaves no socket when the server accepts in the moment %s", async (moment) => {
    const asked = mailbox<() => void>();
    const { uri, server } = await rawServer({ verifyClient: (_, decide) => { asked.put(() => { decide(true); }); } });
    const closed = mailbox<number>();
    server.on("connection", (ws) => ws.on("close", (code) => { closed.put(code); }));
    const controller = new AbortController();
    const outcome = failure(uri, {}, controller.signal);
    const accept = await asked.take();
    if (moment === "before") accept();
    const reason = new Error("just then");
    controller.abort(reason);
    if (moment === "after") accept();
    expect(server.clients.size).toBe(1);
    expect(await outcome).toBe(reason);
    expect(await closed.take()).toBe(1006);
  });

  it("does not wait for a function that does not listen to the signal", async () => {
    const controller = new AbortController();
    const outcome = failure("ws://127.0.0.1:1/", { headers: () => new Promise(() => {}) }, controller.signal);
    const reason = new Error("no answer");
    controller.abort(reason);
    expect(await outcome).toBe(reason);
  });

  it("asks nobody for a WebSocket when the function answers after all", async () => {
    const { uri, connections } = await tcpServer(() => {});
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Record<string, string>>();
    const outcome = failure(uri, { headers: () => promise }, controller.signal);
    controller.abort(new Error("gave up"));
    await outcome;
    resolve({});
    await dialed((await rawServer()).uri); // Time enough for a connection.
    expect(connections.size).toBe(0);
  });

  it("takes its listener off the signal, however it ends", async () => {
    const { uri } = await rawServer();
    const refusing = await answering("HTTP/1.1 404 Not Found");
    const controller = new AbortController();
    const counts = { added: 0, removed: 0 };
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => { counts.added += 1; add(...args); };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => { counts.removed += 1; remove(...args); };
    (await websocket().dial(parseEndpoint(uri), { signal })).abort(new Error("done"));
    await failure(refusing.uri, {}, signal);
    await failure(uri, { headers: () => { throw new Error("no"); } }, signal);
    expect(counts.removed).toBeGreaterThanOrEqual(counts.added);
    expect(counts.added).toBeGreaterThan(0);
  });
});

describe("headers and protocols", () => {
  it("come fresh for every dial, from functions that are told where to and until when", async () => {
    const { uri, server } = await rawServer();
    const requests = mailbox<IncomingMessage>();
    server.on("connection", (_, request) => { requests.put(request); });
    const tokens = ["first", "second"];
    const options: WebSocketOptions = {
      headers: async ({ endpoint, signal }) => ({ "x-token": tokens.shift() ?? "", "x-where": endpoint.label, "x-aborted": String(signal.aborted) }),
      protocols: () => ["chat"],
    };
    for (const token of ["first", "second"]) {
      (await dialed(uri, options)).close();
      const { headers } = await requests.take();
      expect(headers).toMatchObject({ "x-token": token, "x-where": uri.slice(0, -1), "x-aborted": "false", "sec-websocket-protocol": "chat" });
    }
  });

  it("fail the dial when their function throws, and keep what it threw as the cause", async () => {
    const cause = new Error("token service is down");
    for (const options of [{ headers: () => { throw cause; } }, { protocols: async () => { throw cause; } }] satisfies WebSocketOptions[]) {
      expect(await failure("ws://127.0.0.1:1/", options)).toMatchObject({ name: "ConnectError", code: "HF_DIAL_FAILED", next: "retry", cause });
    }
  });

  it("are overruled by those of the endpoint: header by header, protocols as a whole", async () => {
    const { uri, server } = await rawServer();
    const requests = mailbox<IncomingMessage>();
    server.on("connection", (_, request) => { requests.put(request); });
    const endpoint = parseEndpoint({ uri, headers: { Authorization: "endpoint" }, protocols: "b" });
    await dialed(endpoint, { headers: { authorization: "transport", "x-kept": "yes" }, protocols: ["a"] });
    expect((await requests.take()).headers).toMatchObject({ authorization: "endpoint", "x-kept": "yes", "sec-websocket-protocol": "b" });
  });

  it("refuse a server that chooses no protocol, or one that was not offered", async () => {
    const none = await rawServer({ handleProtocols: () => false });
    expect(await failure(none.uri, { protocols: "chat" })).toMatchObject({ code: "HF_REFUSED", next: "elsewhere" });
  });

  it("send the userinfo of the URL as basic credentials", async () => {
    const { uri, server } = await rawServer();
    const requests = mailbox<IncomingMessage>();
    server.on("connection", (_, request) => { requests.put(request); });
    await dialed(uri.replace("//", "//me:pw@"));
    expect((await requests.take()).headers.authorization).toBe(`Basic ${Buffer.from("me:pw").toString("base64")}`);
  });
});

describe("agent", () => {
  it("makes the connection: a proxy that tunnels", async () => {
    const { uri, sockets } = await rawServer();
    const tunnels = mailbox<string>();
    const proxy = createServer().on("connect", (request, socket) => {
      tunnels.put(request.url ?? "");
      const [host = "", port] = (request.url ?? "").split(":");
      const upstream = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connected\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on("error", () => { upstream.destroy(); });
      upstream.on("error", () => { socket.destroy(); });
    });
    onTestFinished(() => { proxy.close(); });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const channel = await dialed(uri, { agent: new TunnelAgent((proxy.address() as { port: number }).port) });
    const heard = new Recorder();
    channel.receive(heard);
    (await sockets()).send("through the tunnel");
    await heard.until("frame");
    expect(await tunnels.take()).toBe(new URL(uri).host);
    channel.abort(new Error("done"));
    await heard.until("closed");
  });
});

/** The least an agent for an HTTP proxy does. */
class TunnelAgent extends Agent {
  readonly #port: number;

  constructor(port: number) {
    super();
    this.#port = port;
  }

  override createConnection(options: { host?: string | null; port?: string | number | null }, done?: (error: Error | null, socket: import("node:stream").Duplex) => void): undefined {
    const socket = connect(this.#port, "127.0.0.1", () => { socket.write(`CONNECT ${options.host}:${options.port} HTTP/1.1\r\n\r\n`); });
    socket.once("data", () => { done?.(null, socket); });
  }
}
