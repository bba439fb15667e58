import { parseEndpoint, type EndpointEntry } from "@holdfast/core";
import { createServer } from "node:https";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { websocket, type WebSocketOptions } from "../src/index.ts";
import { testAuthority, testCertificate, type Identity } from "../../../scripts/certificates.ts";
import { dialed, listening, mailbox, never, tcpServer } from "./meeting.ts";
import { Recorder } from "./recorder.ts";

const authority = await testAuthority();
const { ca } = authority;
const local = await authority.issue(["127.0.0.1", "::1", "localhost"]);
const elsewhere = await authority.issue(["elsewhere.example"]);
const client = await authority.issue(["client"], { usage: "clientAuth" });
const { ca: _, ...selfSigned } = await testCertificate(["127.0.0.1"]);

/** Where a listener of ours with that identity is found. */
async function secured(identity: Identity): Promise<string> {
  const { listener } = await listening(identity, "wss://127.0.0.1:0/");
  return listener.endpoint.uri;
}

async function failure(entry: EndpointEntry, options: WebSocketOptions = {}): Promise<unknown> {
  return await websocket(options).dial(parseEndpoint(entry), { signal: never }).then(() => { throw new Error("the dial succeeded"); }, (error: unknown) => error);
}

describe("wss", () => {
  it("carries frames, with a CA given to the transport", async () => {
    const { listener, accepted } = await listening(local, "wss://127.0.0.1:0/feed");
    const near = await dialed(listener.endpoint, { ca });
    const far = await accepted();
    expect(listener.endpoint.label).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/feed$/);
    expect(far.remote.scheme).toBe("wss");
    const [heardNear, heardFar] = [new Recorder(), new Recorder()];
    near.receive(heardNear);
    far.receive(heardFar);
    near.send("up");
    far.send("down");
    near.ping?.();
    await Promise.all([heardNear.until("frame"), heardFar.until("frame"), heardNear.until("pong")]);
    near.close();
    expect(await heardNear.end()).toBeUndefined();
    expect(await heardFar.end()).toBeUndefined();
  });

  it("takes a CA of the endpoint's own, which wins over the transport's", async () => {
    const uri = await secured(local);
    await dialed(parseEndpoint({ uri, ca }), { ca: selfSigned.cert });
    expect(await failure({ uri, ca: selfSigned.cert }, { ca })).toMatchObject({ code: "HF_TLS" });
  });

  it("leaves Node's own CAs in force where none is given", async () => {
    const uri = await secured(local);
    expect(await failure({ uri, ca: undefined }, {})).toMatchObject({ code: "HF_TLS" });
  });

  it("goes elsewhere when the certificate is for another host, and says what to do", async () => {
    const uri = await secured(elsewhere);
    const error = await failure(uri, { ca });
    expect(error).toMatchObject({ name: "ConnectError", code: "HF_TLS", next: "elsewhere", message: expect.stringContaining("another host") as string, cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  });

  it("verifies the name given as servername instead, also per endpoint", async () => {
    const uri = await secured(elsewhere);
    const common = await dialed(uri, { ca, servername: "elsewhere.example" });
    const own = await dialed(parseEndpoint({ uri, servername: "elsewhere.example" }), { ca });
    expect([common.remote.uri, own.remote.uri]).toEqual([uri, uri]);
  });

  it("goes elsewhere when nobody we trust signed the certificate", async () => {
    for (const identity of [local, selfSigned]) {
      expect(await failure(await secured(identity))).toMatchObject({ code: "HF_TLS", next: "elsewhere", message: expect.stringContaining("`ca`") as string });
    }
  });

  it("verifies even where the environment says not to", async () => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    onTestFinished(() => {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    });
    expect(await failure(await secured(selfSigned))).toMatchObject({ code: "HF_TLS" });
  });

  it("goes elsewhere when the port does not speak TLS", async () => {
    const { uri } = await tcpServer((socket) => { socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
    expect(await failure(uri.replace("ws:", "wss:"))).toMatchObject({ code: "HF_TLS", next: "elsewhere" });
  });

  it("shows a certificate of its own to a server that asks for one", async () => {
    const server = createServer({ ...local, ca, requestCert: true, rejectUnauthorized: true });
    const names = mailbox<string>();
    server.on("upgrade", (request) => { names.put(String((request.socket as TLSSocket).getPeerCertificate().subject.CN)); });
    onTestFinished(() => { server.close(); });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { listener, accepted } = await listening({ server }, `wss://127.0.0.1:${(server.address() as { port: number }).port}/`);
    const near = await dialed(listener.endpoint, { ca, ...client });
    expect(await names.take()).toBe("client");
    await accepted();
    near.abort(new Error("done"));
    expect(await failure(listener.endpoint.uri, { ca })).toMatchObject({ name: "ConnectError", code: "HF_TLS" });
  });

  it("is not listened on without a certificate", async () => {
    await expect(listening({}, "wss://127.0.0.1:0/")).rejects.toMatchObject({ name: "OptionError", option: "cert and key" });
    const broken = parseEndpoint({ uri: "wss://127.0.0.1:0/", cert: "nonsense", key: "nonsense" });
    await expect(websocket().listen?.(broken, { accept: () => {} })).rejects.toMatchObject({ name: "OptionError" });
  });
});
