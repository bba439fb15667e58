import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { decode, encode, ok } from "./calls.ts";
import { jupiterProtocol, maxPacketBytes, type Packet } from "./jupiter-protocol.ts";

const methods: Readonly<Record<string, (...numbers: number[]) => number>> = {
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
};

/** Answers requests. Like Jupiter's own it never beats, and closes whoever was not heard for a while: 60 s there, 600 ms here. */
export async function startServer(uri: string): Promise<{ server: Server<Packet, Packet>; uri: string; port: number }> {
  const server = new Server<Packet, Packet>({
    protocol: jupiterProtocol(),
    heartbeat: { mode: "one-way", sendWithin: Infinity, hearWithin: 600, maxMisses: 1 },
  });
  server.on("peer", ({ peer }) => {
    peer.on("message", ({ id, body }) => {
      const { method, args } = decode(body) as { method: string; args: number[] };
      const run = methods[method];
      if (run) peer.send({ code: "response", status: ok, id, body: encode(run(...args)) });
      else peer.send({ code: "response", status: 0x40, id, body: encode(`there is no method ${method}`) });
    });
  });
  const { endpoint } = await server.listen(tcp({ maxFrameBytes: maxPacketBytes }), uri);
  return { server, uri: endpoint.uri, port: endpoint.port };
}
