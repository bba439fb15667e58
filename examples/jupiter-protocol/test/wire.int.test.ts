import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Link, type HeartbeatOptions } from "@holdfast/core";
import type { PeerGone } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { describe, expect, it, onTestFinished } from "vitest";
import { jupiterProtocol, type Packet } from "../src/jupiter-protocol.ts";
import { startServer } from "../src/server.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Everything that arrives, as soon as there are so many bytes. */
async function read(socket: Socket, length: number): Promise<string> {
  let heard = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => { heard = Buffer.concat([heard, chunk]); });
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(length);
  return hex(heard);
}

/** A link, and the bare socket at its other end. */
async function pair(heartbeat: HeartbeatOptions | false): Promise<{ link: Link<Packet, Packet>; socket: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const link = new Link({ endpoints: `tcp://127.0.0.1:${port}`, transports: [tcp()], protocol: jupiterProtocol(), heartbeat, maxAttempts: 0 });
  const accepted = once(server, "connection") as Promise<[Socket]>;
  await link.open();
  const [socket] = await accepted;
  onTestFinished(async () => { socket.destroy(); server.close(); await link.close(); });
  return { link, socket };
}

describe("on the wire", () => {
  it("a heartbeat is ba be 0f 00 and twelve zeros", async () => {
    const { socket } = await pair({ mode: "one-way", sendWithin: 20, hearWithin: Infinity });
    expect((await read(socket, 16)).slice(0, 32)).toBe("babe0f00000000000000000000000000");
  });

  it("a packet is its header, big endian, and its body", async () => {
    const { link, socket } = await pair(false);
    link.send({ code: "request", status: 0, id: 0x0102030405060708n, body: Uint8Array.of(0xaa, 0xbb, 0xcc) });
    expect(await read(socket, 19)).toBe("babef100" + "0102030405060708" + "00000003" + "aabbcc");
  });

  it("a packet is heard whole, in whatever pieces it comes, and a heartbeat is not heard at all", async () => {
    const { link, socket } = await pair(false);
    const heard: Packet[] = [];
    link.on("message", (packet) => { heard.push(packet); });
    for (const byte of Buffer.from("babe0f00000000000000000000000000" + "babe0220ffffffffffffffff000000017b", "hex")) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    await expect.poll(() => heard.length).toBe(1);
    expect({ ...heard[0], body: hex(heard[0]?.body ?? new Uint8Array(0)) }).toEqual({ code: "response", status: 0x20, id: -1n, body: "7b" });
  });

  it.each([
    ["a wrong magic", "HF_BAD_FRAME", "cafe0f00000000000000000000000000"],
    ["an unknown code", "HF_BAD_FRAME", "babe0800000000000000000000000000"],
    ["a body of more than 5 MiB, as soon as it is announced,", "HF_FRAME_TOO_LONG", "babe0100000000000000000000500001"],
  ])("whoever sends %s is closed (%s)", async (_, code, bytes) => {
    const { server, port } = await startServer("tcp://127.0.0.1:0");
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    onTestFinished(async () => { socket.destroy(); await server.close({ within: 0 }); });
    const gone = new Promise<PeerGone<Packet, Packet>>((resolve) => { server.once("peerGone", resolve); });
    socket.write(Buffer.from(bytes, "hex"));
    expect(await gone).toMatchObject({ cause: "protocol", error: { code } });
  });
});
