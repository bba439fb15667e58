import { FrameError, json, LinkError, parseEndpoint } from "@holdfast/core";
import { Server, type Peer } from "@holdfast/server";
import { memoryNetwork, SimClock } from "@holdfast/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { GuestBook } from "../src/cli/guest-book.ts";
import { speechOf } from "../src/cli/speech.ts";

/** A peer of a real server, who calls itself `name` if it has one. */
async function peerNamed(name?: string): Promise<Peer> {
  const { transport } = memoryNetwork();
  const server = new Server<unknown, unknown>({ protocol: json(), ...(name === undefined ? {} : { identify: () => name }) });
  onTestFinished(() => server.close({ within: 0 }));
  const met = new Promise<Peer>((resolve) => { server.on("peer", ({ peer }) => { resolve(peer); }); });
  await server.listen(transport, "memory://server");
  const channel = await transport.dial(parseEndpoint("memory://server"), { signal: AbortSignal.timeout(1_000) });
  channel.receive({ frame: () => {}, drained: () => {}, pong: () => {}, closed: () => {} });
  channel.send("\"hello\"");
  return met;
}

describe("the guest book of a server", () => {
  it("tells who comes, what they say, how they leave and that they return", async () => {
    const clock = new SimClock();
    const book = new GuestBook(clock);
    const peer = await peerNamed("anna");
    expect(book.arrived(peer).text).toBe("anna connects from memory://client");
    expect(book.message(peer, "hi").text).toBe("anna: hi");
    expect(book.status()).toBe("● 1 peer, 1 message");
    clock.advance(12_000);
    const error = new LinkError("HF_HEARTBEAT", "anna is silent");
    expect(book.gone({ peer, cause: "heartbeat", error, unconfirmed: 3 })).toMatchObject({
      tone: "bad", text: "anna after 12 s: anna is silent [HF_HEARTBEAT]; 3 messages may not have arrived",
      data: { id: "anna", cause: "heartbeat", lasted: 12_000, unconfirmed: 3, error: { code: "HF_HEARTBEAT" } },
    });
    expect(book.returned({ peer, away: 2_000 }).text).toBe("anna is back after 2 s");
    expect(book.summary().text).toBe("1 connection in 12 s, at most 1 at once, 1 message");
  });

  it("takes a goodbye as one", async () => {
    const book = new GuestBook(new SimClock());
    const peer = await peerNamed();
    book.arrived(peer);
    expect(book.gone({ peer, cause: "closed", unconfirmed: 1 })).toMatchObject({ tone: "quiet", text: "#1 after 0 ms: it said goodbye" });
  });

  it("quotes a name that could be mistaken for something else", async () => {
    const book = new GuestBook(new SimClock());
    expect(book.message(await peerNamed("anna: hi\nbert"), "hello").text).toBe("\"anna: hi\\nbert\": hello");
    expect(book.message(await peerNamed("Zoë-2@home"), "hello").text).toBe("Zoë-2@home: hello");
  });

  it("says why somebody was refused", () => {
    const book = new GuestBook(new SimClock());
    const remote = parseEndpoint("tcp://127.0.0.1:50000");
    expect(book.refused({ remote, why: "left" }).text).toBe("tcp://127.0.0.1:50000 left before it had greeted");
    const error = new FrameError("HF_NOT_HOLDFAST", "remote", "it does not speak holdfast");
    expect(book.refused({ remote, why: "greeting", error })).toMatchObject({ text: "it does not speak holdfast [HF_NOT_HOLDFAST]", data: { why: "greeting" } });
  });
});

describe("speech", () => {
  it("encodes what is typed as the protocol has it", () => {
    const none = { ping: undefined, pong: undefined };
    expect(speechOf("text", none).encode("1")).toBe("1");
    expect(speechOf("framed", none).encode("1")).toBe("1");
    expect(speechOf("bytes", none).encode("1")).toEqual(Uint8Array.of(49));
    expect(speechOf("json", none).encode("1")).toBe(1);
    expect(() => speechOf("json", none).encode("hi")).toThrow("a message must be JSON");
  });

  it("pings by itself where it was told how", () => {
    expect(speechOf("json", { ping: undefined, pong: undefined }).protocol?.pings).toBe(false);
    expect(speechOf("json", { ping: "ping", pong: "pong" }).protocol?.pings).toBe(true);
  });
});
