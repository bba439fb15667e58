import { framed, Link, parseEndpoint, type Channel, type Frame, type LinkOptions, type Millis, type Protocol, type Transport } from "@holdfast/core";
import { memoryNetwork, seededRandom, SimClock, type MemberOptions, type MemoryNetwork, type MemoryNetworkOptions } from "@holdfast/testkit";
import { Server, type Identify, type ServerOptions } from "../src/index.ts";

export const where = "memory://server";

/** A server on a network in memory, on simulated time, with a diary of everything it said. */
export interface Scene<Out, In> {
  readonly clock: SimClock;
  readonly network: MemoryNetwork;
  readonly server: Server<Out, In>;
  readonly diary: string[];
  /** A link of a member called `name`. It is opened, and closed with the scene. */
  readonly link: (name: string, options?: Partial<LinkOptions<In, Out>>) => Link<In, Out>;
  /** A bare channel of somebody who may speak anything. */
  readonly dial: (name: string, options?: MemberOptions) => Promise<Stranger>;
  /** The same, before anything is received. */
  readonly channel: (name: string) => Promise<Channel>;
  /** Many at once, from one address. */
  readonly dialMany: (name: string, count: number) => Promise<readonly Stranger[]>;
  readonly pass: (ms: Millis) => Promise<void>;
}

export interface Stranger { readonly channel: Channel; readonly heard: Frame[]; readonly ended: string[] }

/** A client that speaks `framed()` by hand, so that it can fall silent. */
export interface Mime { silent: boolean; readonly heard: Frame[]; readonly ended: string[]; readonly say: (words: string) => void; /** Without any protocol. */ readonly shout: (words: string) => void }

export function mime(channel: Channel, { greets = true }: { readonly greets?: boolean } = {}): Mime {
  const self: Mime = {
    silent: false, heard: [], ended: [],
    say: (words) => { channel.send(Uint8Array.of(5, ...new TextEncoder().encode(words))); },
    shout: (words) => { channel.send(words); },
  };
  channel.receive({
    frame: (frame) => {
      if (self.silent || typeof frame === "string") return;
      if (frame[0] === 1) channel.send(Uint8Array.of(2, ...frame.subarray(1, 5), 0, 0, 0, 0));
      else self.heard.push(frame);
    },
    drained: () => { /* It does not care. */ },
    pong: () => { /* It does not care. */ },
    closed: (error) => { self.ended.push(error === undefined ? "closed" : error.message); },
  });
  if (greets) channel.send(hello);
  return self;
}

/** The same transport, but whoever dials it never hangs up and takes no goodbye: the channels of the server only end by `abort`. */
export function stubborn(transport: Transport): Transport {
  const wrap = (channel: Channel): Channel => ({
    remote: channel.remote,
    receive: (handler) => { channel.receive(handler); },
    send: (frame) => channel.send(frame),
    pause: () => { channel.pause?.(); },
    resume: () => { channel.resume?.(); },
    close: () => { /* Nobody listens. */ },
    abort: (error) => { channel.abort(error); },
  });
  const listen: Transport["listen"] = (endpoint, options) => transport.listen?.(endpoint, options) ?? Promise.reject(new Error("it does not listen"));
  return { ...transport, listen: (endpoint, options) => listen(endpoint, { ...options, accept: (channel) => { options.accept(wrap(channel)); } }) };
}

export const hello: Uint8Array = Uint8Array.of(9, 0x68, 0x66, 1, 1);

export async function scene<Out, In>(options: ServerOptions<Out, In>, network: MemoryNetworkOptions = {}, listening: (transport: Transport) => Transport = (transport) => transport): Promise<Scene<Out, In>> {
  const clock = new SimClock();
  const net = memoryNetwork({ clock, latency: 5, ...network });
  const server = new Server<Out, In>({ clock, random: seededRandom(7), ...options });
  const diary = keepDiary(server);
  await server.listen(listening(net.join({ name: "server" })), where);
  return {
    clock, network: net, server, diary,
    link(name, more = {}) {
      const link = new Link<In, Out>({ endpoints: where, transports: [net.join({ name })], protocol: options.protocol as unknown as Protocol<In, Out>, clock, random: seededRandom(3), ...more });
      link.open().catch(() => { /* A test that cares looks at the link. */ });
      return link;
    },
    async channel(name) {
      const dialled = net.join({ name }).dial(parseEndpoint(where), { signal: new AbortController().signal });
      await clock.advanceAsync(10);
      return await dialled;
    },
    async dial(name, member = {}) {
      const dialled = net.join({ name, ...member }).dial(parseEndpoint(where), { signal: new AbortController().signal });
      await clock.advanceAsync(10);
      return stranger(await dialled);
    },
    async dialMany(name, count) {
      const { signal } = new AbortController();
      const dialled = Array.from({ length: count }, () => net.join({ name }).dial(parseEndpoint(where), { signal }));
      await clock.advanceAsync(10);
      return (await Promise.all(dialled)).map(stranger);
    },
    pass: (ms) => clock.advanceAsync(ms),
  };
}

export async function framedScene(options: Partial<ServerOptions<Frame, Frame>> = {}, network: MemoryNetworkOptions = {}, listening?: (transport: Transport) => Transport): Promise<Scene<Frame, Frame>> {
  return scene({ protocol: framed(), ...options }, network, listening);
}

export function stranger(channel: Channel): Stranger {
  const heard: Frame[] = [];
  const ended: string[] = [];
  channel.receive({
    frame: (frame) => { heard.push(frame); },
    drained: () => { /* It does not care. */ },
    pong: () => { /* It does not care. */ },
    closed: (error) => { ended.push(error === undefined ? "closed" : error.message); },
  });
  return { channel, heard, ended };
}

/** `login:alice` is alice; anything else says nothing. */
export const login: Identify<Frame, Frame> = (message) => String(message).startsWith("login:") ? String(message).slice(6) : undefined;

/** What everybody said, by id. */
export function inbox<Out>(server: Server<Out, Frame>): string[] {
  const heard: string[] = [];
  server.on("peer", ({ peer }) => peer.on("message", (message) => { heard.push(`${peer.id} ${String(message)}`); }));
  return heard;
}

/** Lets time pass in small steps until something has happened. */
export async function passUntil(pass: (ms: Millis) => Promise<void>, happened: () => boolean): Promise<void> {
  for (let step = 0; step < 1_000; step += 1) {
    if (happened()) return;
    await pass(20);
  }
  throw new Error("it never happens");
}

/** One line per event, as a support engineer would like to read it. */
export function keepDiary<Out, In>(server: Server<Out, In>): string[] {
  const diary: string[] = [];
  server.on("peer", ({ peer }) => { diary.push(`peer ${peer.id}`); });
  server.on("peerReturned", ({ peer, away }) => { diary.push(`returned ${peer.id} after ${away}`); });
  server.on("peerGone", ({ peer, cause, unconfirmed }) => { diary.push(`gone ${peer.id}: ${cause}${unconfirmed === 0 ? "" : `, ${unconfirmed} unconfirmed`}`); });
  server.on("refused", ({ why, remote }) => { diary.push(`refused ${remote.host}: ${why}`); });
  server.on("closed", () => { diary.push("closed"); });
  return diary;
}
