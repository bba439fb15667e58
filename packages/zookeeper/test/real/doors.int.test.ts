// Doors behind which there is no ZooKeeper, or one that speaks TLS.
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { Ensemble, zooKeeperIsInstalled } from "@holdfast/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testAuthority, type Authority } from "../../../../scripts/certificates.ts";
import { ZooKeeper, type Attached, type DialFailed } from "../../src/index.ts";
import { open } from "./guest.ts";

/** Shuffling leaves the order as it is. */
const random = (): number => 0.999_999;

async function listening(server: Server): Promise<Server & AsyncDisposable & { readonly at: string }> {
  await new Promise<void>((ready) => { server.listen(0, "127.0.0.1", ready); });
  const close = async (): Promise<void> => { await new Promise((closed) => { server.close(closed); }); };
  return Object.assign(server, { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }); // It listens.
}

describe.skipIf(!zooKeeperIsInstalled())("a client at the wrong door", { timeout: 60_000 }, () => {
  let ensemble: Ensemble;
  let authority: Authority;
  beforeAll(async () => {
    authority = await testAuthority();
    const { cert, key } = await authority.issue(["localhost", "127.0.0.1"]);
    ensemble = await Ensemble.start({ standalone: true, tls: { cert, key, ca: authority.ca, clients: "need" } });
  }, 60_000);
  afterAll(async () => { await ensemble?.stop(); }, 60_000);

  /** What is said of a server that comes first in the list, before the real one is found behind it. */
  async function first(server: string, dialTimeout = 20_000): Promise<DialFailed["error"]> {
    const zk = new ZooKeeper({ servers: [server, ensemble.connectString], sessionTimeout: 6_000, dialTimeout, random });
    const failed: DialFailed[] = [];
    zk.on("failed", (event) => { failed.push(event); });
    const connected = new Promise<Attached>((resolve) => { zk.once("connected", resolve); });
    await zk.open();
    expect([await connected, failed.map((event) => event.server)]).toEqual([{ server: ensemble.connectString, resumed: false, readOnly: false }, [server]]);
    await zk.close();
    return failed[0]?.error as DialFailed["error"]; // Just seen.
  }

  it("gives up one that says nothing, and goes on", async () => {
    const silent = await listening(createServer((socket) => { socket.on("error", () => {}).resume(); }));
    await using _ = silent;
    const error = await first(silent.at, 1_000);
    expect([error.code, error.message]).toEqual(["HF_DIAL_TIMEOUT", expect.stringContaining("1000 ms")]);
  });

  it("knows an HTTP server by its first words, and goes on", async () => {
    await using http = await listening(createHttpServer());
    const error = await first(http.at);
    expect(error).toMatchObject({ code: "HF_BAD_FRAME", next: "elsewhere", message: expect.stringContaining("does not speak ZooKeeper's protocol: is it the client port (2181 as a rule)") });
  });

  it("says what may be wrong with one that hangs up, such as the port for TLS, and goes on", async () => {
    const error = await first(ensemble.secureConnectString);
    expect(error.code).toMatch(/^(ZK_NOT_SERVING|HF_BAD_FRAME)$/);
    expect(error.message).toContain("TLS");
  });

  it("does not wait for one that is closed", async () => {
    const closed = await listening(createServer());
    const { at } = closed;
    await closed[Symbol.asyncDispose]();
    expect(await first(at)).toMatchObject({ code: "HF_DIAL_FAILED" });
  });

  it("is known by its certificate where it speaks TLS", async () => {
    const tls = { ca: authority.ca, ...await authority.issue(["a client"]) };
    await using zk = await open(ensemble.secureConnectString, { tls });
    expect(await zk.whoAmI()).toContainEqual({ scheme: "x509", user: "CN=a client" });
    await zk.create("/over-tls", "x", { acl: [{ permissions: 31, scheme: "x509", id: "CN=a client" }] });
    await using plain = await open(ensemble.connectString);
    await expect(plain.getData("/over-tls")).rejects.toMatchObject({ code: "ZK_NO_AUTH" });
    expect(await zk.serverState()).toMatchObject({ mode: "standalone" });
  });

  it.each([
    ["a server whose authority it does not know", async () => ({ ca: (await testAuthority("somebody else")).ca, ...await authority.issue(["a client"]) }), /certificate/],
    ["a server that asks for a certificate it does not have", async () => ({ ca: authority.ca }), /certificate|hung up/],
    ["a server that does not know its authority", async () => ({ ca: authority.ca, ...await (await testAuthority("somebody else")).issue(["a client"]) }), /certificate|hung up/],
  ] as const)("is told of %s", async (_, certificates, words) => {
    const zk = new ZooKeeper({ servers: ensemble.secureConnectString, tls: await certificates() });
    const failed = new Promise<DialFailed>((resolve) => { zk.once("failed", resolve); });
    const opening = zk.open().catch(() => {});
    const { error } = await failed;
    expect([error.message, error.code]).toEqual([expect.stringMatching(words), expect.stringMatching(/^(HF|ZK)_/)]);
    await zk.close();
    await opening;
  });

  it("asks whether it is the right port, where it speaks TLS to a plain one", async () => {
    const zk = new ZooKeeper({ servers: ensemble.connectString, tls: { ca: authority.ca } });
    const failed = new Promise<DialFailed>((resolve) => { zk.once("failed", resolve); });
    const opening = zk.open().catch(() => {});
    expect((await failed).error.message).toMatch(/could not connect to tls:.* is it the right port/);
    await zk.close();
    await opening;
  });
});
