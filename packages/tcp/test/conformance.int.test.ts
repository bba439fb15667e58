import { afterAll, beforeAll, describe, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createPlain, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createSecure } from "node:tls";
import { systemClock, type Clock } from "@holdfast/core";
import { conformance, type Fixture } from "@holdfast/testkit/conformance";
import { tcp, varint } from "../src/index.ts";
import { testAuthority } from "../../../scripts/certificates.ts";
import { deaf } from "./deaf.ts";

const authority = await testAuthority();
const identity = await authority.issue(["localhost", "127.0.0.1"]);
const { ca } = authority;
const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
const maxFrameBytes = 2 ** 18;
/** A busy machine may need longer than it usually does. */
const patient = { patience: 30_000 };

/** So that a busy address is not waited for in earnest. */
const hasty: Clock = { ...systemClock, alarm: (at, wake) => systemClock.alarm(systemClock.now() + (at - systemClock.now()) / 50, wake) };

/** Peers that no channel of ours would be. They live as long as this file. */
const peers: { deaf?: Awaited<ReturnType<typeof deaf>>; readonly servers: Server[] } = { servers: [] };

beforeAll(async () => {
  peers.deaf = await deaf({ host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  for (const server of peers.servers) server.close();
  await peers.deaf?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a server of this file and gives its port. */
function open(server: Server, at: { path: string } | { port: 0; host: string } = { port: 0, host: "127.0.0.1" }): Promise<number> {
  peers.servers.push(server);
  return new Promise((resolve) => { server.listen(at, () => { resolve((server.address() as AddressInfo).port); }); });
}

/** Says that a frame of one byte too many is coming. */
function boast(socket: Socket): void {
  const length = maxFrameBytes + 1;
  socket.on("error", () => {}).end(Buffer.from([(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]));
}

/** How many sockets there are more than at first. */
function counter(): () => number {
  const count = (): number => process.getActiveResourcesInfo().filter((name) => /^(TCP|Pipe|TLS)/.test(name)).length;
  const first = count();
  return () => Math.max(0, count() - first);
}

describe("tcp", () => {
  conformance({ describe, it }, async (): Promise<Fixture> => {
    const oversize = await open(createPlain(boast));
    return {
      transport: tcp({ maxFrameBytes, clock: hasty }), endpoint: "tcp://127.0.0.1:0", framing: varint(),
      silent: `tcp://127.0.0.1:${peers.deaf?.port ?? 0}`, oversize: `tcp://127.0.0.1:${oversize}`, open: counter(),
    };
  }, patient);
});

describe("tls", () => {
  conformance({ describe, it }, async (): Promise<Fixture> => {
    const oversize = await open(createSecure(identity, boast));
    const silent = await open(createPlain((socket) => { socket.on("error", () => {}).resume(); }));
    return {
      transport: tcp({ maxFrameBytes, clock: hasty, tls: { ...identity, ca } }), endpoint: "tls://127.0.0.1:0", framing: varint(),
      reach: ({ port }) => `tls://localhost:${port}`,
      silent: `tls://localhost:${silent}`, oversize: `tls://localhost:${oversize}`, open: counter(),
    };
  }, patient);
});

describe("unix", () => {
  let next = 0;
  conformance({ describe, it }, async (): Promise<Fixture> => {
    const number = next++;
    const oversize = join(folder, `boast-${number}.sock`);
    await open(createPlain(boast), { path: oversize });
    return {
      transport: tcp({ maxFrameBytes, clock: hasty }), endpoint: `unix:${join(folder, `app-${number}.sock`)}`, framing: varint(),
      oversize: `unix:${oversize}`, open: counter(),
    };
  }, patient);
});
