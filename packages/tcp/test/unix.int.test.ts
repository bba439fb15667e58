import { describe, expect, it } from "vitest";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEndpoint } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { tcp } from "../src/index.ts";
import { deaf } from "./deaf.ts";
import { Ear } from "./ear.ts";
import { dial, listen, pair } from "./pair.ts";

/** A folder for socket files, removed at the end of the test. */
function folder(): { path: (name: string) => string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), "holdfast-"));
  return { path: (name) => join(root, name), [Symbol.dispose]: () => { rmSync(root, { recursive: true, force: true }); } };
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** A socket file whose server was killed. */
function leaveStale(path: string): void {
  spawnSync(process.execPath, ["-e", `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`], { timeout: 10_000 });
}

describe("a Unix socket", () => {
  it("carries frames both ways, and its file goes with the listener", async () => {
    using files = folder();
    const path = files.path("app.sock");
    await using both = await pair(tcp(), `unix:${path}`);
    const near = new Ear();
    const far = new Ear((frame) => { both.far.send(`re: ${frame}`); });
    both.near.receive(near);
    both.far.receive(far);
    both.near.send("hello");
    await near.until((heard) => heard.length === 1);
    expect(near.frames).toEqual(["re: hello"]);
    expect(both.far.remote.label).toBe(`unix:${path}`);
    await both.listener.close();
    expect(existsSync(path)).toBe(false);
    both.near.close();
    await Promise.all([near.end(), far.end()]);
    expect(far.heard.at(-1)).toBe("closed");
  });

  it("ends its peer when it is aborted", async () => {
    using files = folder();
    await using both = await pair(tcp(), `unix:${files.path("app.sock")}`);
    const near = new Ear();
    const far = new Ear();
    both.near.receive(near);
    both.far.receive(far);
    both.near.abort(new Error("enough"));
    await Promise.all([near.end(), far.end()]);
    expect(near.heard).toEqual(["closed enough"]);
    expect(far.heard.length).toBe(1); // A Unix socket knows no reset, so the peer may take it for an orderly end.
  });

  it("says that no server made the file", async () => {
    using files = folder();
    await expect(dial(tcp(), `unix:${files.path("none.sock")}`)).rejects.toThrow(/could not connect to unix:.*none\.sock \(ENOENT\); there is no such socket file: is the server started\?/);
  });

  it("says that the server that made the file is gone", async () => {
    using files = folder();
    const path = files.path("stale.sock");
    leaveStale(path);
    expect(existsSync(path)).toBe(true);
    await expect(dial(tcp(), `unix:${path}`)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("listens in place of a server that was killed and left its file", async () => {
    using files = folder();
    const path = files.path("stale.sock");
    leaveStale(path);
    expect(existsSync(path)).toBe(true);
    await using both = await pair(tcp(), `unix:${path}`);
    expect(both.near.remote.path).toBe(path);
  });

  it("does not remove the file of a server that answers", async () => {
    using files = folder();
    const path = files.path("app.sock");
    await using both = await pair(tcp(), `unix:${path}`);
    const clock = new SimClock();
    const outcome = listen(tcp({ clock }), `unix:${path}`, () => {}).catch((error: unknown) => error);
    for (let tries = 0; tries < 3; tries++) {
      while (clock.next === Infinity) await turn();
      clock.advance(1_000);
    }
    expect(await outcome).toMatchObject({ code: "HF_LISTEN_FAILED", cause: { code: "EADDRINUSE" } });
    expect(existsSync(path)).toBe(true);
    const channel = await dial(tcp(), `unix:${path}`);
    expect(channel.remote.path).toBe(both.listener.endpoint.path);
    channel.abort(new Error("the test is over"));
  });

  it("does not remove the file of a server that is too busy to answer", async () => {
    using files = folder();
    const path = files.path("busy.sock");
    await using busy = await deaf({ path });
    const clock = new SimClock();
    const stop = new AbortController();
    const outcome = tcp({ clock }).listen?.(parseEndpoint(`unix:${path}`), { accept: () => {}, signal: stop.signal }).catch(String);
    while (clock.next === Infinity) await turn();
    stop.abort(new Error("stop trying"));
    expect(await outcome).toBe("Error: stop trying");
    expect([existsSync(path), busy.port]).toEqual([true, 0]);
  });

  it("does not remove a file that is no socket", async () => {
    using files = folder();
    const path = files.path("precious.txt");
    writeFileSync(path, "do not lose me");
    const clock = new SimClock();
    const stop = new AbortController();
    const outcome = tcp({ clock }).listen?.(parseEndpoint(`unix:${path}`), { accept: () => {}, signal: stop.signal }).catch(String);
    while (clock.next === Infinity) await turn();
    stop.abort(new Error("stop trying"));
    expect(await outcome).toBe("Error: stop trying");
    expect(existsSync(path)).toBe(true);
  });
});
