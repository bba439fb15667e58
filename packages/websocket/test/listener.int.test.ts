import { parseEndpoint, type Channel, type Endpoint } from "@holdfast/core";
import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { websocket, type WebSocketOptions } from "../src/index.ts";
import { dialed, listening, mailbox, never } from "./meeting.ts";
import { Recorder } from "./recorder.ts";

/** What a client with these headers gets: the status of a refusal, or 101. */
async function answer(uri: string, headers: Record<string, string> = {}, protocols: string[] = []): Promise<number> {
  const ws = new WebSocket(uri, protocols, { headers, perMessageDeflate: false });
  onTestFinished(() => { ws.on("error", () => {}).terminate(); });
  return await new Promise((resolve, reject) => {
    ws.on("open", () => { resolve(101); }).on("unexpected-response", (_, response) => { resolve(response.statusCode ?? 0); }).on("error", reject);
  });
}

/** An HTTP server of the user's, open until the end of the test. */
async function httpServer(): Promise<{ server: Server; host: string }> {
  const server = createServer((_, response) => { response.end("hello"); });
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, host: `127.0.0.1:${(server.address() as { port: number }).port}` };
}

async function listenFailure(uri: string, options: WebSocketOptions = {}, signal: AbortSignal = never): Promise<unknown> {
  return await websocket(options).listen?.(parseEndpoint(uri), { accept: () => {}, signal }).then(() => { throw new Error("it listens"); }, (error: unknown) => error);
}

/** What the far one of two channels hears when the near one says hello. */
async function hello(near: Channel, far: Channel): Promise<readonly string[]> {
  const heard = new Recorder();
  far.receive(heard);
  near.send("hello");
  await heard.until("frame");
  return heard.texts;
}

describe("listening on a port", () => {
  it("names the port it was given for port 0, and keeps the path", async () => {
    const { listener, accepted } = await listening({}, "ws://127.0.0.1:0/feed");
    expect(listener.endpoint.port).toBeGreaterThan(0);
    expect(listener.endpoint.uri).toBe(`ws://127.0.0.1:${listener.endpoint.port}/feed`);
    expect(await hello(await dialed(listener.endpoint), await accepted())).toEqual(["hello"]);
  });

  it("names the peer by its address", async () => {
    const { listener, accepted } = await listening();
    await dialed(listener.endpoint);
    expect((await accepted()).remote.label).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  });

  it("understands IPv6", async () => {
    const { listener, accepted } = await listening({}, "ws://[::1]:0/");
    expect(await hello(await dialed(listener.endpoint), await accepted())).toEqual(["hello"]);
    await dialed(listener.endpoint);
    expect((await accepted()).remote.host).toBe("::1");
    const everywhere = await listening({}, "ws://[::]:0/");
    await dialed(`ws://127.0.0.1:${everywhere.listener.endpoint.port}/`);
    expect((await everywhere.accepted()).remote.host).toBe("127.0.0.1");
  });

  it("answers 404 for another path, and compares paths decoded", async () => {
    const { listener } = await listening({}, "ws://127.0.0.1:0/a%20b");
    const base = `ws://127.0.0.1:${listener.endpoint.port}`;
    expect(await answer(`${base}/a b?x=1`)).toBe(101);
    expect(await answer(`${base}/`)).toBe(404);
    expect(await answer(`${base}/a%20b/c`)).toBe(404);
    expect(await answer(`${base}/%E0%A4%A`)).toBe(404);
  });

  it("answers 426 to a request that is no upgrade", async () => {
    const { listener } = await listening();
    const asked = httpRequest(`http://127.0.0.1:${listener.endpoint.port}/`).end();
    const [response] = await once(asked, "response") as [import("node:http").IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(426);
  });

  it("rejects with HF_LISTEN_FAILED when the port is taken", async () => {
    const { listener } = await listening();
    expect(await listenFailure(listener.endpoint.uri)).toMatchObject({ name: "ConnectError", code: "HF_LISTEN_FAILED", endpoint: listener.endpoint.label, cause: { code: "EADDRINUSE" } });
  });

  it("rejects with the reason of the signal, and does not listen", async () => {
    const reason = new Error("never mind");
    expect(await listenFailure("ws://127.0.0.1:0/", {}, AbortSignal.abort(reason))).toBe(reason);
    const { listener } = await listening();
    const { uri } = listener.endpoint;
    await listener.close();
    const controller = new AbortController();
    const outcome = listenFailure(uri, {}, controller.signal);
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await listening(); // Time enough to have listened after all.
    await expect(dialed(uri)).rejects.toMatchObject({ code: "HF_DIAL_FAILED" });
  });

  it.each(["", "GET / HTTP/1.1\r\nUpgrade: webs"])("hangs up on a client that says %j and no more", async (words) => {
    const { listener } = await listening({ handshakeTimeout: 60 });
    const socket = connect(listener.endpoint.port, "127.0.0.1");
    onTestFinished(() => { socket.destroy(); });
    socket.write(words);
    const answers: string[] = [];
    socket.on("data", (data) => { answers.push(data.toString()); });
    await once(socket, "close");
    expect(answers.join("")).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("closing a listener", () => {
  it("frees the port and refuses newcomers, and accepted channels live on", async () => {
    const { listener, accepted } = await listening();
    const near = await dialed(listener.endpoint);
    const far = await accepted();
    await listener.close();
    await expect(dialed(listener.endpoint)).rejects.toMatchObject({ code: "HF_DIAL_FAILED" });
    await listening({}, listener.endpoint.uri);
    expect(await hello(near, far)).toEqual(["hello"]);
  });

  it("cuts handshakes under way", async () => {
    const { listener, accepted } = await listening();
    const socket = connect(listener.endpoint.port, "127.0.0.1");
    onTestFinished(() => { socket.destroy(); });
    socket.resume().write("GET / HTTP/1.1\r\nUpgrade: webs");
    expect(await hello(await dialed(listener.endpoint), await accepted())).toEqual(["hello"]); // Came later, so the first has been seen.
    await listener.close();
    await once(socket, "close");
  });

  it("can be done twice, also when somebody else has the place by then", async () => {
    const { server, host } = await httpServer();
    const first = await listening({ server }, `ws://${host}/x`);
    await first.listener.close();
    const second = await listening({ server }, `ws://${host}/x`);
    await first.listener.close();
    expect(await hello(await dialed(second.listener.endpoint), await second.accepted())).toEqual(["hello"]);
    expect(await listenFailure(`ws://${host}/x`, { server })).toMatchObject({ code: "HF_LISTEN_FAILED" });
  });
});

describe("listening on a server of the user's", () => {
  it("serves its path there, beside everything else, and leaves the server open", async () => {
    const { server, host } = await httpServer();
    const { listener, accepted } = await listening({ server }, `ws://${host}/chat`);
    const near = await dialed(`ws://${host}/chat`);
    const far = await accepted();
    expect(await (await fetch(`http://${host}/`)).text()).toBe("hello");
    await listener.close();
    expect(await hello(near, far)).toEqual(["hello"]);
    expect(await (await fetch(`http://${host}/chat`)).text()).toBe("hello");
    expect(server.listenerCount("upgrade")).toBe(0);
  });

  it("names the real port of a server that listens already", async () => {
    const { server, host } = await httpServer();
    const { listener } = await listening({ server }, "ws://127.0.0.1:0/chat");
    expect(listener.endpoint.uri).toBe(`ws://${host}/chat`);
  });

  it("shares it with other listeners by path, and one path has one listener", async () => {
    const { server, host } = await httpServer();
    const a = await listening({ server }, `ws://${host}/a`);
    const b = await listening({ server }, `ws://${host}/b`);
    expect(await hello(await dialed(a.listener.endpoint), await a.accepted())).toEqual(["hello"]);
    expect(await hello(await dialed(b.listener.endpoint), await b.accepted())).toEqual(["hello"]);
    expect(await answer(`ws://${host}/c`)).toBe(404);
    expect(await listenFailure(`ws://${host}/a`, { server })).toMatchObject({ code: "HF_LISTEN_FAILED", next: "stop" });
  });

  it("leaves other paths to whoever else listens for upgrades", async () => {
    const { server, host } = await httpServer();
    await listening({ server }, `ws://${host}/ours`);
    const theirs = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) => {
      if (request.url === "/theirs") theirs.handleUpgrade(request, socket, head, (ws) => { ws.send("theirs"); });
    });
    const heard = new Recorder();
    (await dialed(`ws://${host}/theirs`)).receive(heard);
    await heard.until("frame");
    expect(await answer(`ws://${host}/ours`)).toBe(101);
  });
});

describe("origins", () => {
  it("lets in the pages of the same host and clients that are no browsers, and answers 403 to others", async () => {
    const { listener } = await listening();
    const { uri, port } = listener.endpoint;
    expect(await answer(uri)).toBe(101);
    expect(await answer(uri, { origin: `http://127.0.0.1:${port}` })).toBe(101);
    expect(await answer(uri, { origin: `https://127.0.0.1:${port}` })).toBe(101);
    for (const origin of ["http://127.0.0.1", "http://evil.example", `http://127.0.0.1:${port}.evil.example`, "null", "nonsense"]) expect(await answer(uri, { origin })).toBe(403);
  });

  it("lets in those of a list, or all", async () => {
    const named = await listening({ origins: ["https://app.example"] });
    expect(await answer(named.listener.endpoint.uri, { origin: "https://app.example" })).toBe(101);
    expect(await answer(named.listener.endpoint.uri, { origin: "https://app.example.evil" })).toBe(403);
    expect(await answer(named.listener.endpoint.uri, { origin: `http://127.0.0.1:${named.listener.endpoint.port}` })).toBe(403);
    const open = await listening({ origins: "*" });
    expect(await answer(open.listener.endpoint.uri, { origin: "http://anywhere.example" })).toBe(101);
  });
});

describe("subprotocols of a listener", () => {
  async function chosen(endpoint: Endpoint, offered: string[]): Promise<string> {
    const ws = new WebSocket(endpoint.uri, offered, { perMessageDeflate: false });
    onTestFinished(() => { ws.terminate(); });
    const protocol = mailbox<string>();
    ws.on("open", () => { protocol.put(ws.protocol); }).on("error", (error) => { protocol.put(error.message); });
    return await protocol.take();
  }

  it("are the first of ours that the client offers, and none of ours is none", async () => {
    const { listener } = await listening({ protocols: ["v2", "v1"] });
    expect(await chosen(listener.endpoint, ["v1", "v2"])).toBe("v2");
    expect(await chosen(listener.endpoint, ["v1"])).toBe("v1");
    expect(await chosen(listener.endpoint, ["v9"])).toBe("Server sent no subprotocol");
  });

  it("are the client's first where we name none", async () => {
    const { listener } = await listening();
    expect(await chosen(listener.endpoint, ["a", "b"])).toBe("a");
  });
});
