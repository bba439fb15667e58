import { type Channel, type Frame, framed, json, type Link, type Logger, type LogRecord, OptionError, parseEndpoint } from "@holdfast/core";
import { memoryNetwork, type MemoryNetwork } from "@holdfast/testkit";
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { connect, type ConnectOptions } from "../src/connect/connect.ts";
import { connect as connectInBrowser } from "../src/connect/connect-browser.ts";

/** A server in memory that keeps what it accepted. */
async function serve(network: MemoryNetwork, { say }: { readonly say: readonly Frame[] } = { say: [] }) {
  const heard: Frame[] = [];
  const channels: Channel[] = [];
  const listener = await network.transport.listen?.(parseEndpoint("memory://server"), {
    accept: (channel) => {
      channels.push(channel);
      channel.receive({ frame: (frame) => { heard.push(frame); }, drained: () => {}, pong: () => {}, closed: () => {} });
      for (const frame of say) channel.send(frame);
    },
  });
  onTestFinished(() => listener?.close());
  return { heard, channels };
}

function linkTo(network: MemoryNetwork, options: ConnectOptions = {}): Link<Frame, Frame> {
  const link = connect("memory://server", { ...options, transports: [network.transport] });
  onTestFinished(() => link.close());
  return link;
}

function records(): { readonly logger: Logger; readonly warnings: LogRecord[] } {
  const warnings: LogRecord[] = [];
  return { warnings, logger: (record) => { if (record.event === "unwatched") warnings.push(record); } };
}

async function messages(link: Link<Frame, Frame>, wanted: number): Promise<readonly Frame[]> {
  const found: Frame[] = [];
  for await (const message of link) {
    found.push(message);
    if (found.length === wanted) break;
  }
  return found;
}

describe("connect()", () => {
  it("opens the link by itself, and a listener attached at once misses nothing", async () => {
    const network = memoryNetwork();
    await serve(network);
    const link = linkTo(network);
    const seen: string[] = [];
    link.on("connecting", ({ attempt }) => { seen.push(`connecting ${attempt}`); }).on("connected", () => { seen.push("connected"); });
    await link.ready();
    expect(seen).toEqual(["connecting 1", "connected"]);
  });

  it("takes messages before there is a connection", async () => {
    const network = memoryNetwork();
    const { heard } = await serve(network);
    const link = linkTo(network);
    link.send("early");
    await link.ready();
    await vi.waitFor(() => { expect(heard).toEqual(["early"]); });
  });

  it("dials nobody when it is closed in the same breath", async () => {
    const network = memoryNetwork();
    const { channels } = await serve(network);
    const link = linkTo(network);
    const connecting = vi.fn<() => void>();
    link.on("connecting", connecting);
    await link.close();
    expect(await link.closed).toEqual({ cause: "requested" });
    await expect(link.ready()).rejects.toMatchObject({ code: "HF_CLOSED" });
    expect(connecting).not.toHaveBeenCalled();
    expect(channels).toEqual([]);
  });

  it("never rejects unasked: failures are told by ready(), closed and the events", async () => {
    const link = linkTo(memoryNetwork(), { maxAttempts: 1 });
    const failed = vi.fn<() => void>();
    link.on("failed", failed);
    const { cause, error } = await link.closed;
    expect(cause).toBe("exhausted");
    expect(error?.next).toBeDefined();
    await expect(link.ready()).rejects.toBe(error);
    expect(failed).toHaveBeenCalledOnce();
    // The promise of open() was rejected too; vitest fails the run for a rejection that nobody handled.
  });

  it("gives strings where the transport has text, and bytes where the peer sent bytes", async () => {
    const network = memoryNetwork();
    await serve(network, { say: ["text", Uint8Array.of(1, 2)] });
    expect(await messages(linkTo(network), 2)).toEqual(["text", Uint8Array.of(1, 2)]);
  });

  it("gives strings over transports of bytes", async () => {
    const network = memoryNetwork({ traits: { text: false } });
    await serve(network, { say: ["Grüße", new TextEncoder().encode("世界")] });
    expect(await messages(linkTo(network), 2)).toEqual(["Grüße", "世界"]);
  });

  it("sends strings as text and bytes as bytes", async () => {
    const network = memoryNetwork();
    const { heard } = await serve(network);
    const link = linkTo(network);
    await link.ready();
    link.send("a");
    link.send(Uint8Array.of(7));
    await vi.waitFor(() => { expect(heard).toEqual(["a", Uint8Array.of(7)]); });
  });

  it("speaks what it is told to", async () => {
    const network = memoryNetwork();
    const { heard } = await serve(network, { say: ["{\"b\":2}"] });
    const link = connect("memory://server", { transports: [network.transport], protocol: json<{ a: number }, { b: number }>() });
    onTestFinished(() => link.close());
    const message = new Promise((resolve) => { link.on("message", resolve); });
    link.send({ a: 1 });
    expect(await message).toEqual({ b: 2 });
    await vi.waitFor(() => { expect(heard).toEqual(["{\"a\":1}"]); });
  });

  it("asks a source before every dial", async () => {
    const network = memoryNetwork();
    await serve(network);
    const link = connect({ list: () => ["memory://server"] }, { transports: [network.transport] });
    onTestFinished(() => link.close());
    await link.ready();
    expect(link.endpoint).toBe("memory://server");
  });

  it("has types that follow the protocol", () => {
    const idle = { maxAttempts: 1, logger: false as const };
    const close = <Out, In>(link: Link<Out, In>): Link<Out, In> => {
      void link.close();
      return link;
    };
    expectTypeOf(close(connect("ws://127.0.0.1:1", idle))).toEqualTypeOf<Link<Frame, Frame>>();
    expectTypeOf(close(connect("ws://127.0.0.1:1", { ...idle, protocol: json<string, number>() }))).toEqualTypeOf<Link<string, number>>();
    expectTypeOf(close(connect("ws://127.0.0.1:1", { ...idle, protocol: framed() }))).toEqualTypeOf<Link<Frame, Frame>>();
    // @ts-expect-error: types of messages come from a protocol, they cannot be claimed.
    close(connect<string, number>("ws://127.0.0.1:1", idle));
  });
});

describe("connect() refuses at once", () => {
  it("an address without a scheme, naming those it may have meant", () => {
    expect(() => connect("127.0.0.1:3000")).toThrow(OptionError);
    expect(() => connect("127.0.0.1:3000")).toThrow(/tcp:\/\/127\.0\.0\.1:3000.*ws:\/\/127\.0\.0\.1:3000/);
  });

  it("a scheme that nobody dials", () => {
    expect(() => connect("mqtt://h:1883")).toThrow(/no transport for mqtt/);
    expect(() => connectInBrowser("tcp://h:1")).toThrow(/no transport for tcp: add `tcp\(\) from @holdfast\/tcp`/);
  });

  it("a list without endpoints, and what is no list", () => {
    expect(() => connect([])).toThrow("at least one endpoint");
    expect(() => connect(undefined as never)).toThrow(OptionError);
    expect(() => connect("ws://h", { transports: 3 as never })).toThrow(/^transports must be/);
  });

  it("a port that cannot be", () => {
    expect(() => connect("tcp://h:70000")).toThrow(OptionError);
    expect(() => connect("tcp://h")).toThrow(OptionError);
  });

  it("options of a transport that make no sense", () => {
    expect(() => connect("ws://h", { websocket: { maxFrameBytes: -1 } })).toThrow(/maxFrameBytes/);
    expect(() => connect("tcp://h:1", { tcp: { maxFrameBytes: -1 } })).toThrow(/maxFrameBytes/);
  });

  it("without showing a secret", () => {
    const message = messageOf(() => connect("mqtt://user:hunter2@h:1883/?token=hunter3"));
    expect(message).toContain("mqtt://h:1883");
    expect(message).not.toContain("hunter");
  });

  it("a heartbeat that nobody can keep, where one was asked for", () => {
    expect(() => connect("tcp://h:1", { heartbeat: "lan" })).toThrow(/nobody can ping/);
    expect(() => connect("tcp://h:1", { heartbeat: {} })).toThrow(/nobody can ping/);
  });
});

describe("connect() without a ping", () => {
  it("runs without a heartbeat and warns once per logger, whatever the number of links", async () => {
    const network = memoryNetwork({ traits: { pings: false } });
    await serve(network);
    const { logger, warnings } = records();
    const [one, other] = [linkTo(network, { logger }), linkTo(network, { logger })];
    await Promise.all([one.ready(), other.ready()]);
    expect(one.detectionBound()).toBe(Infinity);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ level: "warn", endpoint: "memory://server" });
    for (const way of ["json({ ping, pong })", "framed()", "heartbeat: false"]) expect(warnings[0]?.message).toContain(way);
  });

  it("warns on the console where there is no logger", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => { warn.mockRestore(); });
    const network = memoryNetwork({ traits: { pings: false } });
    await serve(network);
    await linkTo(network).ready();
    await linkTo(network).ready();
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toMatch(/^holdfast: connected to memory:\/\/server without a heartbeat/);
  });

  it("keeps quiet where the user decided: heartbeat: false, logger: false, or optional", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => { warn.mockRestore(); });
    const network = memoryNetwork({ traits: { pings: false } });
    await serve(network);
    const { logger, warnings } = records();
    await linkTo(network, { heartbeat: false, logger }).ready();
    await linkTo(network, { heartbeat: { optional: true }, logger }).ready();
    await linkTo(network, { logger: false }).ready();
    expect(warnings).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is not disturbed by a logger that throws", async () => {
    const network = memoryNetwork({ traits: { pings: false } });
    await serve(network);
    await expect(linkTo(network, { logger: () => { throw new Error("full disk"); } }).ready()).resolves.toBeUndefined();
  });
});

describe("connect() with a ping", () => {
  it("keeps the heartbeat and says nothing", async () => {
    const network = memoryNetwork();
    await serve(network);
    const { logger, warnings } = records();
    const link = linkTo(network, { logger });
    await link.ready();
    expect(link.detectionBound()).toBe(20_000);
    expect(warnings).toEqual([]);
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("connect() with a failover: URI", () => {
  it("does as it says, nested options and rounds included", async () => {
    const network = memoryNetwork();
    const dialled: string[] = [];
    const transport = { ...network.transport, schemes: ["memory"], dial: (...given: Parameters<typeof network.transport.dial>) => { dialled.push(given[0].uri); return network.transport.dial(...given); } };
    const link = connect("failover:(memory://x,memory://y?a=1)?maxReconnectAttempts=1&nested.token=t&randomize=false", { transports: [transport], logger: false });
    await expect(link.closed).resolves.toMatchObject({ cause: "exhausted" });
    expect(dialled).toEqual(["memory://x?token=t", "memory://y?a=1&token=t"]);
  });

  it("refuses what no link can do, and what is given twice", () => {
    expect(() => connect("failover:(ws://a,ws://b)?trackTransactionProducers=true")).toThrow(/\?trackTransactionProducers must be left out or trackTransactionProducers=false/);
    expect(() => connect("failover:(tcp://a:1,tcp://b:1)?trackMessages=true")).toThrow(/^outbox\.resend must be left out here, because nobody can ping over tcp/);
    expect(() => connect("failover:(ws://a,ws://b)?randomize=true", { shuffle: true })).toThrow(OptionError);
  });

  it("reads plain ones in a browser, and says there who reads the others", () => {
    expect(() => connectInBrowser("failover:(ws://a,ws://b)?backup=true")).toThrow(/withFailover\(\) of @holdfast\/core\/failover/);
    const link = connectInBrowser("failover:(ws://a,ws://b)?randomize=false");
    link.abort();
  });
});
