import { framed, Link, type Frame, type LinkOptions, type Listener, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { connect, type Socket } from "node:net";
import { Server, type ServerEvents, type ServerOptions } from "../src/index.ts";
import { hello, keepDiary } from "./scene.ts";

/** The same tests run on both. */
export const kinds: readonly { readonly scheme: string; readonly transport: () => Transport }[] = [
  { scheme: "tcp", transport: () => tcp() },
  { scheme: "ws", transport: () => websocket() },
];

/** For links that must begin where their list does: a server on a busy machine may be slower than the stagger, and they would race to the next one. */
export const inOrder = { shuffle: false, stagger: Infinity } as const;

/** 400 ms until a silent peer is gone. */
export const brisk = { interval: 200, timeout: 100, maxMisses: 2 } as const;

/** A server on a free port of 127.0.0.1; closed when the scope ends. */
export interface Stand extends AsyncDisposable {
  readonly server: Server<Frame, Frame>;
  readonly listener: Listener;
  readonly uri: string;
  readonly port: number;
  readonly diary: string[];
  readonly link: (options?: Partial<LinkOptions<Frame, Frame>>) => Link<Frame, Frame>;
}

export async function stand({ scheme, transport }: { readonly scheme: string; readonly transport: () => Transport }, options: Partial<ServerOptions<Frame, Frame>> = {}): Promise<Stand> {
  const server = new Server<Frame, Frame>({ protocol: framed(), ...options });
  const diary = keepDiary(server);
  const listener = await server.listen(transport(), `${scheme}://127.0.0.1:0`);
  const links: Link<Frame, Frame>[] = [];
  const { uri, port } = listener.endpoint;
  return {
    server, listener, uri, port, diary,
    link: (more = {}) => {
      const link = new Link<Frame, Frame>({ endpoints: uri, transports: [transport()], protocol: framed(), ...more });
      links.push(link);
      link.open().catch(() => { /* A test that cares looks at the link. */ });
      return link;
    },
    [Symbol.asyncDispose]: async () => {
      for (const link of links) link.abort();
      await server.close({ within: 0 });
    },
  };
}

/** The next event of a kind. */
export function next<Name extends keyof ServerEvents<Frame, Frame>>(server: Server<Frame, Frame>, name: Name): Promise<Parameters<(...event: ServerEvents<Frame, Frame>[Name]) => void>[0]> {
  return new Promise((resolve) => { server.once(name, resolve as never); }); // The payload of that event.
}

/** So many of them. */
export async function several(count: number, server: Server<Frame, Frame>, name: keyof ServerEvents<Frame, Frame>): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count;
    server.on(name, () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}

/** A bare socket that speaks `framed()` by hand, as far as the test wants it to. */
export async function socket(port: number, { greet = true, localAddress = "127.0.0.1" }: { readonly greet?: boolean; readonly localAddress?: string } = {}): Promise<Socket> {
  const bare = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: true });
  bare.on("error", () => { /* A server may reset it. */ });
  await new Promise((resolve) => { bare.once("connect", resolve); });
  if (greet) bare.write(Uint8Array.of(hello.length, ...hello));
  return bare;
}

/** When the socket has no connection any more. */
export function gone(bare: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (bare.destroyed) resolve();
    bare.once("close", () => { resolve(); });
  });
}
