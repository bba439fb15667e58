import { parseEndpoint, type Channel, type Endpoint, type Listener, type Transport } from "@holdfast/core";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import { websocket, type WebSocketOptions } from "../src/index.ts";

/** A signal that never aborts, for dials that are not about that. */
export const never: AbortSignal = new AbortController().signal;

/** A listener of ours, and its channels in the order they come. Everything is cut at the end of the test. */
export async function listening(options: WebSocketOptions = {}, uri = "ws://127.0.0.1:0/"): Promise<{ listener: Listener; accepted: () => Promise<Channel> }> {
  const queue = mailbox<Channel>();
  const transport = websocket(options);
  const listener = await listenOn(transport, parseEndpoint(uri), queue.put);
  return { listener, accepted: queue.take };
}

async function listenOn(transport: Transport, endpoint: Endpoint, accept: (channel: Channel) => void): Promise<Listener> {
  if (transport.listen === undefined) throw new Error("this transport does not listen");
  const listener = await transport.listen(endpoint, {
    accept: (channel) => {
      onTestFinished(() => { channel.abort(new Error("the test is over")); });
      accept(channel);
    },
  });
  onTestFinished(() => listener.close());
  return listener;
}

/** Both ends of one connection, each by our own transport. */
export async function meet(options: { readonly dialer?: WebSocketOptions; readonly listener?: WebSocketOptions } = {}): Promise<{ near: Channel; far: Channel }> {
  const { listener, accepted } = await listening(options.listener);
  const near = await dialed(listener.endpoint, options.dialer);
  return { near, far: await accepted() };
}

/** A channel to the endpoint, cut at the end of the test. */
export async function dialed(endpoint: Endpoint | string, options: WebSocketOptions = {}): Promise<Channel> {
  const channel = await websocket(options).dial(typeof endpoint === "string" ? parseEndpoint(endpoint) : endpoint, { signal: never });
  onTestFinished(() => { channel.abort(new Error("the test is over")); });
  return channel;
}

/** A bare server of ws, for peers that behave in their own way. */
export async function rawServer(options: ServerOptions = {}): Promise<{ uri: string; sockets: () => Promise<WebSocket>; server: WebSocketServer }> {
  const server = new WebSocketServer({ ...options, port: 0, host: "127.0.0.1" });
  const queue = mailbox<WebSocket>();
  server.on("connection", (ws) => {
    ws.on("error", () => {}); // Some tests break the rules on purpose.
    queue.put(ws);
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  return { uri: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`, sockets: queue.take, server };
}

/** A TCP server that does with its sockets whatever the test says. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<{ uri: string; server: Server; connections: Set<Socket> }> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket.on("error", () => {}).on("close", () => { connections.delete(socket); }));
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { uri: `ws://127.0.0.1:${(server.address() as { port: number }).port}/`, server, connections };
}

/** What is put in comes out in order; who takes first waits. */
export function mailbox<T>(): { put: (item: T) => void; take: () => Promise<T> } {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put: (item) => {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    take: async () => {
      const item = items.shift();
      return item === undefined ? await new Promise<T>((resolve) => { takers.push(resolve); }) : item;
    },
  };
}
