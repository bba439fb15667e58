import { parseEndpoint, type Channel, type Frame, type HeartbeatOptions, type Listener, type Transport } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import type { SessionFrame } from "../../src/frames/frame.ts";
import { Keeper } from "../../src/keeper/keeper.ts";
import type { KeeperOptions } from "../../src/keeper/keeper-options.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { read } from "./scripted-client.ts";

export interface Kind { readonly scheme: string; readonly transport: () => Transport }
/** The same tests run on both. */
export const kinds: readonly Kind[] = [{ scheme: "tcp", transport: () => tcp() }, { scheme: "ws", transport: () => websocket() }];

/** A server with a keeper on a free port of 127.0.0.1; closed when the scope ends. */
export interface Stand extends AsyncDisposable {
  readonly keeper: Keeper;
  readonly server: Server<Frame, never>;
  readonly listener: Listener;
  readonly uri: string;
  dial(): Promise<RawClient>;
}

export async function stand({ scheme, transport }: Kind, options: Partial<KeeperOptions> = {}, heartbeat: HeartbeatOptions = {}): Promise<Stand> {
  const keeper = new Keeper({ store: memoryStore(), handle: (message, { session }) => { session.send(message); }, authorize: (credentials) => new TextDecoder().decode(credentials), ...options });
  const server = new Server({ protocol: keeper.protocol, heartbeat, limits: { maxPeersPerAddress: Infinity } });
  const listener = await server.listen(transport(), `${scheme}://127.0.0.1:0`);
  const { uri } = listener.endpoint;
  const dialler = transport();
  const clients: RawClient[] = [];
  return {
    keeper, server, listener, uri,
    dial: async () => {
      const client = await RawClient.dial(dialler, uri);
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.abort();
      await server.close({ within: 0 });
      await keeper.close({ within: 0 });
    },
  };
}

/** A scripted client on a real channel: it sends what the test says, and keeps what comes. */
export class RawClient {
  readonly frames: SessionFrame[] = [];
  readonly raw: Uint8Array[] = [];
  closed = false;
  /** Called with each frame, as it comes. */
  onFrame: ((frame: SessionFrame) => void) | undefined;
  readonly #channel: Channel;
  #waiters: (() => void)[] = [];

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.receive({
      frame: (frame) => {
        if (typeof frame === "string") throw new Error("a keeper sends no text frames");
        const decoded = read(frame);
        this.raw.push(frame);
        this.frames.push(decoded);
        this.onFrame?.(decoded);
        this.#wake();
      },
      drained: () => { /* Nobody waits. */ },
      pong: () => { /* Nobody asks. */ },
      closed: () => { this.closed = true; this.#wake(); },
    });
  }

  static async dial(transport: Transport, uri: string): Promise<RawClient> {
    return new RawClient(await transport.dial(parseEndpoint(uri), { signal: AbortSignal.timeout(10_000), framing: varint() }));
  }

  say(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) this.#channel.send(frame);
    return this;
  }

  /** The first frame of that type, also one that has come already. Rejects where the channel ends before. */
  async next<Type extends SessionFrame["type"]>(type: Type, from = 0): Promise<FrameOf<Type>> {
    for (;;) {
      const found = this.frames.slice(from).find((frame) => frame.type === type);
      if (found !== undefined) return found as FrameOf<Type>; // By its type.
      if (this.closed) throw new Error(`closed, with ${this.frames.map(({ type: was }) => was).join(", ")} and no ${type}`);
      await new Promise<void>((resolve) => { this.#waiters.push(resolve); });
    }
  }

  async count(type: SessionFrame["type"], count: number): Promise<void> {
    while (this.frames.filter((frame) => frame.type === type).length < count) {
      if (this.closed) throw new Error(`closed before ${count} of ${type}`);
      await new Promise<void>((resolve) => { this.#waiters.push(resolve); });
    }
  }

  async end(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => { this.#waiters.push(resolve); });
  }

  close(): void { this.#channel.close(); }
  abort(): void { this.#channel.abort(new Error("over")); }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** Of PING and PONG, which are of one kind, either. */
type FrameOf<Type, Each = SessionFrame> = Each extends { readonly type: infer Given } ? (Type extends Given ? Each : never) : never;

/** The next event of a kind. */
export function once(keeper: Keeper, name: Parameters<Keeper["once"]>[0]): Promise<unknown> {
  return new Promise((resolve) => { keeper.once(name, resolve as never); }); // Whatever that event has.
}
