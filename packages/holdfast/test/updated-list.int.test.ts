import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fetchText } from "@holdfast/core/failover";
import { describe, expect, it, onTestFinished } from "vitest";
import { readFile } from "../src/connect/read-file.ts";
import { connect } from "../src/index.ts";
import { echoOverWebSocket, freePort } from "./plain-servers.ts";

const plenty = { signal: new AbortController().signal, maxBytes: 65_536 };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "holdfast-list-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

/** Where an HTTP server answers so. */
async function site(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`;
}

describe("connect() with updateURIsURL", () => {
  it("goes to a server that a file names only after the first one is gone", async () => {
    const servers = [await echoOverWebSocket({ say: ["from the first"] }), await echoOverWebSocket({ say: ["from the second"] })] as const;
    const file = join(await folder(), "list.txt");
    await writeFile(file, `${servers[0].uri}\n`);
    const nobody = await freePort();
    const link = connect(`failover:(ws://127.0.0.1:${nobody})?updateURIsURL=${encodeURIComponent(pathToFileURL(file).href)}&initialReconnectDelay=20`, { accept: { ports: servers.map(({ port }) => port) }, logger: false });
    onTestFinished(() => link.close());
    const said = link[Symbol.asyncIterator]();
    expect((await said.next()).value).toBe("from the first");
    await writeFile(file, `${servers[1].uri}, ws://127.0.0.2:${servers[1].port}`);
    await servers[0].kill();
    expect((await said.next()).value).toBe("from the second");
  });

  it("reads it from a web server, and goes on with what it knows while that is down", async () => {
    const server = await echoOverWebSocket({ say: ["hello"] });
    let up = true;
    let asked = 0;
    const url = await site((_, answer) => { asked += 1; answer.writeHead(up ? 200 : 503).end(up ? server.uri : "ws://127.0.0.1:1"); });
    const link = connect(`failover:(ws://127.0.0.1:${await freePort()})?updateURIsURL=${encodeURIComponent(url)}&initialReconnectDelay=20`, { accept: { ports: [server.port] }, logger: false });
    onTestFinished(() => link.close());
    const said = link[Symbol.asyncIterator]();
    expect((await said.next()).value).toBe("hello");
    up = false;
    const before = asked;
    link.suspect("the test wants another lap");
    expect((await said.next()).value).toBe("hello");
    expect(asked).toBeGreaterThan(before);
  });

  it("is refused without accept", () => {
    expect(() => connect("failover:(ws://127.0.0.1:1)?updateURIsURL=/etc/hosts")).toThrow(/updateURIsURL must be given together with `accept` in code/);
  });
});

describe("reading a file", () => {
  it("takes a path, a file: URL, and a file: path beside the program", async () => {
    const file = join(await folder(), "a list.txt");
    await writeFile(file, "ws://a");
    expect(await Promise.all([file, pathToFileURL(file).href].map((where) => readFile(where, plenty)))).toEqual(["ws://a", "ws://a"]);
    expect(JSON.parse(await readFile("file:package.json", plenty))).toHaveProperty("name");
  });

  it("takes so much and no more, and nothing that never ends", async () => {
    const file = join(await folder(), "list");
    await writeFile(file, "x".repeat(100));
    expect(await readFile(file, { ...plenty, maxBytes: 100 })).toHaveLength(100);
    await expect(readFile(file, { ...plenty, maxBytes: 99 })).rejects.toThrow("it is longer than 99 bytes");
    await expect(readFile(tmpdir(), plenty)).rejects.toThrow("it is no file");
    await expect(readFile(join(file, "none"), plenty)).rejects.toMatchObject({ code: "ENOTDIR" });
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [`${file}.pipe`]);
    await expect(readFile(`${file}.pipe`, plenty)).rejects.toThrow("it is no file");
    await expect(readFile("/dev/zero", plenty)).rejects.toThrow("it is no file");
  });
});

describe("reading a URL", () => {
  it("takes so much and no more, and hangs up on what never ends", async () => {
    const small = await site((_, answer) => { answer.end("é".repeat(50)); });
    expect(await fetchText(small, { ...plenty, maxBytes: 100 })).toHaveLength(50);
    await expect(fetchText(small, { ...plenty, maxBytes: 99 })).rejects.toThrow("it is longer than 99 bytes");
    const ended = Promise.withResolvers<void>();
    const endless = await site((request, answer) => {
      const more = (): void => { while (answer.write("x".repeat(16_384))) { /* As much as it takes. */ } };
      answer.on("drain", more);
      request.on("close", () => { ended.resolve(); });
      more();
    });
    await expect(fetchText(endless, plenty)).rejects.toThrow("it is longer than 65536 bytes");
    await ended.promise;
  });

  it("follows no redirect, takes no error for a list, and is given up with its signal", async () => {
    const elsewhere = await site((_, answer) => { answer.writeHead(302, { location: "http://127.0.0.1:1/" }).end("ws://a"); });
    await expect(fetchText(elsewhere, plenty)).rejects.toThrow("the answer was 302");
    const silent = await site(() => { /* Never answers. */ });
    await expect(fetchText(silent, { ...plenty, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
