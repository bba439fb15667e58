import { describe, expect, it } from "vitest";
import { connect as connectSecure } from "node:tls";
import { connect } from "node:net";
import { ConnectError, parseEndpoint } from "@holdfast/core";
import { tcp, varint, type TcpOptions, type TlsOptions } from "../src/index.ts";
import { testAuthority, type Identity } from "../../../scripts/certificates.ts";
import { Ear } from "./ear.ts";
import { bare, dial, listen, pair } from "./pair.ts";

const authority = await testAuthority();
const stranger = await testAuthority("somebody else's authority");
const { ca } = authority;
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const listening = (identity: Identity, more: TcpOptions = {}): TcpOptions => ({ ...more, tls: { ...identity, ...more.tls } });
const local = await authority.issue(["localhost", "127.0.0.1"]);

/** Dials a server with this identity and returns how the dial failed. */
async function refusal(identity: Identity, options: TcpOptions, host = "localhost", entry: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const listener = await listen(tcp(listening(identity)), "tls://127.0.0.1:0", (channel) => { channel.receive(new Ear()); });
  try {
    const channel = await dial(tcp(options), { ...entry, uri: `tls://${host}:${listener.endpoint.port}` });
    channel.abort(new Error("the test is over"));
    return "connected";
  } catch (error) {
    return error;
  } finally {
    await listener.close();
  }
}

describe("a TLS channel", () => {
  it("carries frames both ways and ends orderly", async () => {
    await using both = await pair(tcp({ tls: { ...local, ca } }), "tls://127.0.0.1:0", ({ port }) => `tls://localhost:${port}`);
    const near = new Ear();
    const far = new Ear((frame) => { both.far.send(`re: ${frame}`); });
    both.near.receive(near);
    both.far.receive(far);
    both.near.send("hello");
    await near.until((heard) => heard.length === 1);
    both.near.send("bye");
    both.near.close();
    await Promise.all([near.end(), far.end()]);
    expect(far.heard).toEqual(["frame hello", "frame bye", "closed"]);
    expect(near.heard[0]).toBe("frame re: hello");
    expect(near.heard.at(-1)).toBe("closed");
    expect(both.near.remote.scheme).toBe("tls");
    expect(both.far.remote.label).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/);
  });

  it("loses nothing that arrives before receive, holds a bounded amount, and drains", async () => {
    await using both = await pair(tcp({ framing: varint(), tls: { ...local, ca } }), "tls://127.0.0.1:0", ({ port }) => `tls://localhost:${port}`);
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    const frame = new Uint8Array(50_000).fill(97);
    let sent = 1;
    for (let going = true; going; sent++) {
      going = both.near.send(frame);
      await turn();
    }
    both.far.receive(far);
    await near.until((heard) => heard.includes("drained"));
    both.near.send("end");
    await far.until((heard) => heard.at(-1) === "frame end");
    expect(far.bytes.length).toBe(sent);
  });

  it("aborts with the given error, and ends the peer", async () => {
    await using both = await pair(tcp({ tls: { ...local, ca } }), "tls://127.0.0.1:0", ({ port }) => `tls://localhost:${port}`);
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.receive(far);
    both.near.send("unsaid");
    both.near.abort(new Error("enough"));
    await Promise.all([near.end(), far.end()]);
    expect(near.heard).toEqual(["closed enough"]);
    expect(far.frames).toEqual([]);
  });

  it("carries many small frames in few records", async () => {
    await using both = await pair(tcp({ tls: { ...local, ca } }), "tls://127.0.0.1:0", ({ port }) => `tls://localhost:${port}`);
    const far = new Ear();
    both.far.receive(far);
    for (let index = 0; index < 5000; index++) both.near.send(String(index));
    await far.until((heard) => heard.length === 5000);
    expect(far.frames).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
  });
});

describe("TLS verification", () => {
  it("accepts a host and an address that are in the certificate", async () => {
    expect(await refusal(local, { tls: { ca } }, "localhost")).toBe("connected");
    expect(await refusal(local, { tls: { ca } }, "127.0.0.1")).toBe("connected");
  });

  it("refuses a certificate for another host, and sends the link elsewhere", async () => {
    const error = await refusal(await authority.issue(["other.example"]), { tls: { ca } });
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: "HF_TLS", next: "elsewhere", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
    expect(String(error)).toMatch(/tls:\/\/localhost:\d+ did not prove who it is: .*set `servername` to one/);
  });

  it("refuses a certificate whose name is right and whose address is dialled", async () => {
    expect(await refusal(await authority.issue(["localhost"]), { tls: { ca } }, "127.0.0.1")).toMatchObject({ code: "HF_TLS", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  });

  it("refuses an authority it does not know", async () => {
    expect(await refusal(local, {})).toMatchObject({ code: "HF_TLS", next: "elsewhere" });
    expect(String(await refusal(local, { tls: { ca: stranger.ca } }))).toContain("name its authority in `ca`");
  });

  it("refuses an expired certificate", async () => {
    expect(await refusal(await authority.issue(["localhost"], { days: -1 }), { tls: { ca } })).toMatchObject({ code: "HF_TLS", cause: { code: "CERT_HAS_EXPIRED" } });
  });

  it("is not switched off by options that are undefined", async () => {
    const undefinedOptions: Readonly<Record<string, unknown>> = { ca: undefined, cert: undefined, key: undefined, servername: undefined, minVersion: undefined, rejectUnauthorized: undefined, checkServerIdentity: undefined };
    // What a configuration file that lacks them gives; the types forbid it.
    expect(await refusal(local, { tls: undefinedOptions as TlsOptions })).toMatchObject({ code: "HF_TLS" });
    expect(await refusal(local, {}, "localhost", undefinedOptions)).toMatchObject({ code: "HF_TLS" });
    expect(await refusal(await authority.issue(["other.example"]), { tls: { ca } }, "localhost", undefinedOptions)).toMatchObject({ code: "HF_TLS" });
    expect(await refusal(local, { tls: { ca } }, "localhost", undefinedOptions)).toBe("connected");
  });

  it("is not switched off by the environment", async () => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await refusal(local, {})).toMatchObject({ code: "HF_TLS" });
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
  });

  it("takes the authority of an endpoint before that of the transport", async () => {
    expect(await refusal(local, { tls: { ca: stranger.ca } }, "localhost", { ca })).toBe("connected");
    expect(await refusal(local, { tls: { ca } }, "localhost", { ca: stranger.ca })).toMatchObject({ code: "HF_TLS" });
  });

  it("refuses a certificate of the transport with the key of another at an endpoint, before anything is dialled", async () => {
    const { cert, key } = await authority.issue(["client"]);
    const check = (entry: object): void => { tcp({ tls: { cert, key } }).check?.(parseEndpoint({ ...entry, uri: "tls://localhost:7000" })); };
    expect(() => { check({}); }).not.toThrow();
    expect(() => { check({ key: local.key }); }).toThrow("valid and of one piece");
  });

  it("asks for the host of the endpoint, or for its servername", async () => {
    const asked: string[] = [];
    const { createServer } = await import("node:tls");
    const server = createServer({ ...(await authority.issue(["localhost", "a.example"])), SNICallback: (name, done) => { asked.push(name); done(null); } }, (socket) => { socket.on("error", () => {}).end(); });
    await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
    const { port } = server.address() as { port: number }; // Listening on a port.
    const transport = tcp({ tls: { ca } });
    for (const entry of [{ uri: `tls://localhost:${port}` }, { uri: `tls://127.0.0.1:${port}`, servername: "a.example" }]) {
      (await dial(transport, entry)).abort(new Error("the test is over"));
    }
    expect(asked).toEqual(["localhost", "a.example"]);
    await new Promise((resolve) => { server.close(resolve); });
  });

  it("refuses clients without a certificate where the listener asks for one", async () => {
    const heard = new Ear();
    const listener = await listen(tcp({ tls: { ...local, ca, requestCert: true } }), "tls://127.0.0.1:0", (channel) => { channel.receive(heard); });
    const uri = `tls://localhost:${listener.endpoint.port}`;
    const anonymous = new Ear();
    // TLS 1.3 lets the client believe that it is connected until the server's answer to its certificate arrives.
    await dial(tcp({ tls: { ca } }), uri).then((channel) => { channel.receive(anonymous); }, (error: Error) => { anonymous.closed(error); });
    await anonymous.end();
    expect(anonymous.heard).toEqual(["closed HF_RESET"]);
    const known = await dial(tcp({ tls: { ca, ...(await authority.issue(["client"], { usage: "clientAuth" })) } }), uri);
    known.send("it is me");
    known.close();
    await heard.end();
    expect(heard.heard).toEqual(["frame it is me", "closed"]);
    await listener.close();
  });
});

describe("a TLS dial that does not get that far", () => {
  it("says that the peer does not speak TLS", async () => {
    await using server = await bare();
    void server.socket.then((socket) => { socket.end("220 welcome\r\n"); });
    await expect(dial(tcp(), `tls://localhost:${server.port}`)).rejects.toMatchObject({ code: "HF_TLS", next: "elsewhere" });
  });

  it("calls a connection that is lost in the handshake a failed dial, not a question of trust", async () => {
    await using server = await bare();
    void server.socket.then((socket) => { socket.once("data", () => { socket.resetAndDestroy(); }); });
    await expect(dial(tcp(), `tls://localhost:${server.port}`)).rejects.toMatchObject({ code: "HF_DIAL_FAILED", next: "retry", cause: { code: "ECONNRESET" } });
  });

  it("is cut off by an abort in the middle of the handshake", async () => {
    await using server = await bare();
    const stop = new AbortController();
    const dialing = dial(tcp(), `tls://127.0.0.1:${server.port}`, stop.signal);
    const socket = await server.socket;
    const gone = new Promise((resolve) => { socket.on("close", resolve).on("end", resolve); });
    await new Promise((resolve) => { socket.once("data", resolve); }); // The client's hello.
    stop.abort(new Error("took too long"));
    await expect(dialing).rejects.toThrow("took too long");
    socket.resume();
    await gone;
  });

  it("rejects with a ConnectError where the options of an endpoint that nobody checked cannot be used", async () => {
    await expect(dial(tcp(), { uri: "tls://127.0.0.1:9", cert: "no PEM" })).rejects.toMatchObject({ name: "ConnectError", code: "HF_TLS", next: "elsewhere" });
  });

  it("is not accepted when its handshake ends after the listener has closed", async () => {
    const heard: string[] = [];
    const listener = await listen(tcp({ tls: { ...local } }), "tls://127.0.0.1:0", () => { heard.push("accepted"); });
    const socket = connect(listener.endpoint.port, "127.0.0.1");
    await new Promise((resolve) => { socket.on("connect", resolve); });
    await turn(); // The listener has the connection, and waits for the client's hello.
    await listener.close();
    const secure = connectSecure({ socket, host: "localhost", servername: "localhost", ca }).on("error", () => {});
    await new Promise((resolve) => { secure.resume().on("close", resolve); });
    expect(heard).toEqual([]);
  });

  it("does not disturb a listener: clients that fail the handshake or hang up are not accepted", async () => {
    const heard: string[] = [];
    const listener = await listen(tcp({ tls: { ...local } }), "tls://127.0.0.1:0", (channel) => {
      heard.push("accepted");
      channel.receive(new Ear());
    });
    const { port } = listener.endpoint;
    await new Promise((resolve) => { connect(port, "127.0.0.1").on("error", () => {}).on("close", resolve).end("GET / HTTP/1.1\r\n\r\n"); });
    await new Promise((resolve) => { connectSecure({ port, host: "127.0.0.1", ca: stranger.ca }).on("error", () => {}).on("close", resolve); });
    expect(heard).toEqual([]);
    const channel = await dial(tcp({ tls: { ca } }), `tls://localhost:${port}`);
    channel.abort(new Error("the test is over"));
    await listener.close();
  });
});
