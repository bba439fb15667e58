import { framed } from "@holdfast/core";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { testCertificate } from "../../../../scripts/certificates.ts";
import { Child } from "../../../bench/src/child.ts";
import { freePort } from "../plain-servers.ts";
import type { Leftovers, Places } from "./leftovers.ts";
import { mute } from "./mute.ts";

describe("a link that is closed or aborted", () => {
  it("leaves no timer, socket or listener behind, at whatever point of its life", async () => {
    await using server = new Server({ protocol: framed(), heartbeat: "lan" });
    await using silent = await mute();
    await using deafTcp = await mute(Uint8Array.of(5, 9, 0x68, 0x66, 1, 2));
    const deafWs = await deafOverWebSocket();
    const { key, cert, ca } = await testCertificate();
    const open = async (scheme: string): Promise<string> => {
      const options = scheme === "tls" || scheme === "wss" ? { key, cert } : {};
      return (await server.listen(scheme.startsWith("ws") ? websocket() : tcp(), { uri: `${scheme}://127.0.0.1:0`, ...options })).endpoint.uri;
    };
    const places: Places = {
      good: { tcp: await open("tcp"), tls: { uri: await open("tls"), ca }, ws: await open("ws"), wss: { uri: await open("wss"), ca } },
      deaf: { tcp: `tcp://127.0.0.1:${deafTcp.port}`, ws: deafWs.uri }, mute: silent.port, shut: await freePort(),
    };
    const child = new Child(new URL("leftovers.ts", import.meta.url), [JSON.stringify(places)]);
    onTestFinished(async () => {
      await child.end();
      deafWs.close();
    });
    const { reports } = await child.hear<{ readonly reports: readonly Leftovers[] }>();
    const untidy = reports.filter(({ left, outcome }) => left.length > 0 || outcome !== "requested");
    expect(untidy).toEqual([]);
    expect(reports.length).toBe(46);
  });
});

/** Greets, and reads nothing more. */
async function deafOverWebSocket(): Promise<{ readonly uri: string; readonly close: () => void }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket, { socket: pipe }) => {
    socket.on("error", () => { /* The client goes: that is what it is about. */ });
    socket.send(Uint8Array.of(9, 0x68, 0x66, 1, 2));
    pipe.pause();
  });
  const close = (): void => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  return { uri: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
