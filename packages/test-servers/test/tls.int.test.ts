import { connect, type ConnectionOptions } from "node:tls";
import { describe, expect, it } from "vitest";
import { testAuthority } from "../../../scripts/certificates.ts";
import { Ensemble, zooKeeperIsInstalled } from "../src/index.ts";

/** What the server answers to `ruok` over TLS; it is silent where it refuses the client. */
async function ruok(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  let answer = "";
  socket.on("error", () => { /* It refused us: `close` follows. */ });
  socket.on("secureConnect", () => { socket.write("ruok"); });
  socket.on("data", (part) => { answer += part.toString("latin1"); });
  await new Promise<void>((resolve) => { socket.on("close", () => { resolve(); }); });
  return answer;
}

describe.skipIf(!zooKeeperIsInstalled())("a port with TLS", { timeout: 60_000 }, () => {
  it("takes clients whose certificate it trusts, and refuses others", async () => {
    const [authority, stranger] = [await testAuthority(), await testAuthority("somebody else")];
    const { cert, key } = await authority.issue(["localhost", "127.0.0.1"]);
    await using ensemble = await Ensemble.start({ size: 2, tls: { cert, key, ca: authority.ca, clients: "need" } });
    const port = ensemble.servers[0]?.ports.secure ?? 0;
    const { ca } = authority;
    expect(await ruok(port, { ca, ...await authority.issue(["a client"]) })).toBe("imok");
    expect(await ruok(port, { ca, ...await stranger.issue(["a client"]) })).toBe("");
    expect(await ruok(port, { ca })).toBe("");
    expect(ensemble.secureConnectString).toContain(`127.0.0.1:${port}`);
  });
});
