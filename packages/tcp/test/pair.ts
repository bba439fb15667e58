import { parseEndpoint, type Channel, type Endpoint, type EndpointEntry, type Listener, type Transport } from "@holdfast/core";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tcp } from "../src/index.ts";

/** Two ends of one connection. */
export interface Pair extends AsyncDisposable {
  /** The dialling end. */
  readonly near: Channel;
  /** The accepted end. */
  readonly far: Channel;
  readonly listener: Listener;
}

/** `address` turns the place listened on into what is dialled. */
export async function pair(transport: Transport = tcp(), at: EndpointEntry = "tcp://127.0.0.1:0", address: (listening: Endpoint) => EndpointEntry = ({ uri }) => uri): Promise<Pair> {
  const accepted = Promise.withResolvers<Channel>();
  const listener = await listen(transport, at, accepted.resolve);
  const near = await dial(transport, address(listener.endpoint));
  const far = await accepted.promise;
  return { near, far, listener, [Symbol.asyncDispose]: () => stop(listener, near, far) };
}

export function listen(transport: Transport, at: EndpointEntry, accept: (channel: Channel) => void): Promise<Listener> {
  if (transport.listen === undefined) throw new Error("this transport does not listen");
  return transport.listen(parseEndpoint(at), { accept });
}

export function dial(transport: Transport, to: EndpointEntry, signal: AbortSignal = new AbortController().signal): Promise<Channel> {
  return transport.dial(parseEndpoint(to), { signal });
}

async function stop(listener: Listener, ...channels: readonly Channel[]): Promise<void> {
  for (const channel of channels) channel.abort(new Error("the test is over"));
  await listener.close();
}

/** A server of bare sockets, for what no channel would do. */
export interface Bare extends AsyncDisposable {
  readonly uri: string;
  readonly port: number;
  /** The next connection. */
  readonly socket: Promise<Socket>;
}

export async function bare(): Promise<Bare> {
  const accepted = Promise.withResolvers<Socket>();
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    accepted.resolve(socket);
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const { port } = server.address() as AddressInfo; // Listening on a port.
  return {
    port, uri: `tcp://127.0.0.1:${port}`, socket: accepted.promise,
    [Symbol.asyncDispose]: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => { resolve(); });
    }),
  };
}
