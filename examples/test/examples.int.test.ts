import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { Example, transcript } from "./example.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");

/** What an example says when it is run as it is. */
const stories: Readonly<Record<string, (lines: readonly string[]) => void>> = {
  "five-lines": (lines) => {
    expect(lines).toEqual([
      "ws://A heard: hi",
      "lost ws://A: reset",
      "connected to ws://B",
      "ws://B heard: still there?",
      "lost ws://B: requested",
    ]);
  },
  "tcp-failover": (lines) => {
    expect(lines.filter((line) => /^\S+ crash|comes back|asks|connected|moved|says/.test(line))).toEqual([
      "connected to tcp://A", "  it says: I am A",
      "A crashes",
      "connected to tcp://B", "  it says: I am B",
      "B is restarted by its operator, and asks its peers to move first",
      "tcp://B asks us to leave within 2000 ms",
      "moved from tcp://B to tcp://C, and missed nothing", "connected to tcp://C", "  it says: I am C",
      "C crashes, too: now nobody is left",
      "A comes back",
      "connected to tcp://A", "  it says: I am A",
    ]);
    expect(lines.filter((line) => line.startsWith("tried them all")).length).toBeGreaterThanOrEqual(2);
    expect(lines.at(-1)).toBe("left tcp://A: requested");
  },
  "websocket-feed": (lines) => {
    expect(lines.filter((line) => /^\d+: /.test(line)).map((line) => Number.parseInt(line, 10))).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(lines).toContain("ws://A/feed closed with code 4401: token expired");
    expect(lines).toContain("connection 2");
    expect(lines.at(-1)).toMatch(/^40 ticks with [2-9] tokens, none of them missing$/);
  },
  "stdio-transport": (lines) => {
    expect(lines).toEqual([
      "child 1 is running", "12 squared is 144, says process …", "",
      "telling it to crash", "it is gone (reset): stdio:node ended with code 1",
      "child 2 is running", "12 squared is 144, says process …", "",
      "telling it to hang", "it is gone (heartbeat): stdio:node left 2 heartbeats in a row unanswered: it is presumed gone",
      "child 3 is running", "13 squared is 169, says process …",
      "it is gone (requested)",
    ]);
  },
  "jupiter-protocol": (lines) => {
    expect(lines.filter((line) => !line.startsWith("lost the server"))).toEqual([
      "6 × 7 = 42",
      "6 ÷ 7: there is no method divide",
      "the server has closed a silent client (heartbeat); the link, which had as little to say, is connected",
      ...[4, 8, 16, 32, 64].map((delay) => `next dial in ${delay} ms`),
      "40 + 2 = 42 says the server that took its place",
    ]);
  },
  "zookeeper-election": (lines) => {
    expect(lines.slice(0, 2).toSorted()).toEqual(["Anna leads", "Anna stands for election"]);
    expect(lines.slice(2)).toEqual([
      "Ben stands for election", "Clara stands for election", "killing Anna", "Ben leads", "killing Ben", "Clara leads",
      "every leader's token is greater than the one before: true",
    ]);
  },
  "zookeeper-config": (lines) => {
    // An election may take the session from one server to the next before it stays.
    expect(lines.filter((line) => !line.startsWith("the server is gone"))).toEqual(["the configuration is blue", "it is green now", "it is red now", "the same session on another server"]);
    expect(lines.filter((line) => line.startsWith("the server is gone")).length).toBeGreaterThanOrEqual(2);
  },
  "zookeeper-lock": (lines) => {
    expect(lines).toEqual([
      "Anna holds the lock", "Ben holds the lock", "does Anna hold it still? false",
      "the ledger refuses her: a newer holder has written already", "Anna was here, Ben was here",
    ]);
  },
  chat: (lines) => {
    expect(lines.filter((line) => !line.startsWith("kill -9 "))).toEqual([
      "Anna, Ben, Clara are in the room, on ws://A and ws://B", "Clara closes her laptop", "Clara opens it again",
      expect.stringMatching(/^[2-6] servers were killed$/),
      ...["Anna", "Ben", "Clara"].map((name) => expect.stringMatching(new RegExp(`^${name} heard (\\d+) of \\1 messages, 0 twice, 0 out of order$`)) as string),
      expect.stringMatching(/^\(told again by a server that took over in the middle of telling, and known by their number: \d+\)$/),
    ]);
  },
  "worker-queue": (lines) => {
    expect(lines.filter((line) => !line.startsWith("kill -9 "))).toEqual([
      "two workers, on tcp://A and tcp://B",
      expect.stringMatching(/^\d+ workers and [1-9]\d* dispatchers were killed$/),
      "900 jobs: 900 done, 0 not done, 0 done twice",
      expect.stringMatching(/^\(handled again by another worker, and known by their receipt: \d+\)$/),
    ]);
  },
  activemq: (lines) => {
    // A process that is killed ends its connections orderly or not, as it happens.
    expect(lines.map((line) => line.replace(/reset|closed/, "gone"))).toEqual([
      "connected to Anna", "killing Anna", "lost the broker: gone",
      "connected to Ben", "killing Ben", "lost the broker: gone",
      "connected to Anna", "Anna stands still", "lost the broker: heartbeat",
      "connected to Ben", "asking Anna for what she kept", "every order was worked on once", "lost the broker: requested",
    ]);
  },
  rerun: (lines) => {
    expect(lines).toEqual([
      "test_flaky RERUN (1: assert 1 == 3), again in 100 ms", "test_flaky RERUN (2: assert 2 == 3), again in 100 ms", "test_flaky PASSED", "",
      expect.stringMatching(/^provider 1: try 1 had no result after 500 ms/), "provider 2: HTTP status 503", "provider 3: order accepted", "",
      "provider 1: HTTP status 503", "provider 2: HTTP status 503", "provider 3: HF_TIMEOUT, and no try is left", "",
      "provider 1: Refusal: out of stock. Nobody else is asked",
    ]);
  },
};

/** Most of them wait more than they work, and some bring three servers: so many run side by side. */
const abreast = 4;
const names = Object.keys(stories);
const groups = Array.from({ length: Math.ceil(names.length / abreast) }, (_, at) => names.filter((_name, place) => place % Math.ceil(names.length / abreast) === at));

describe.each(groups)("an example ends by itself, with exit code 0 and nothing to complain about, and tells its story:", (...group) => {
  it.concurrent.for(group)("%s", { timeout: 240_000 }, async (name, { onTestFinished }) => {
    const { code, stdout, stderr } = await new Example(name, onTestFinished).outcome;
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout });
    stories[name]?.(transcript(stdout));
  });
});

describe("an example that is given a URI", () => {
  it("talks to the server there", async ({ onTestFinished }) => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => { server.close(); });
    await once(server, "listening");
    const met = once(server, "connection") as Promise<[WebSocket]>;
    const example = new Example("five-lines", onTestFinished, [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`]);
    const [socket] = await met;
    const [message] = (await once(socket, "message")) as [Buffer];
    expect(String(message)).toBe("hi");
    socket.send("hello yourself");
    await expect.poll(() => example.stdout).toBe("hello yourself\n");
  });
});

describe("the source of an example", () => {
  const names = globSync("*/package.json", { cwd: root }).map(dirname).filter((name) => name !== "demo").toSorted();
  const sources = globSync("*/src/**/*.ts", { cwd: root }).filter((file) => !file.startsWith("demo/"));

  it("is short: at most 60 lines in a file, and 150 in those of a whole client", () => {
    const most = (file: string): number => (/^activemq\/src\/(stomp|client)\//.test(file) ? 150 : 60);
    expect(sources.filter((file) => read(file).trimEnd().split("\n").length > most(file))).toEqual([]);
    expect(sources.length).toBeGreaterThan(names.length);
  });

  it.each(names)("begins with what it shows and how to run it: %s", (name) => {
    expect(read(`${name}/src/main.ts`)).toMatch(/^\/\/ \S/);
    expect(read(`${name}/src/main.ts`)).toContain(`//     node scripts/dev.mjs pnpm -C examples/${name} start`);
  });

  it.each(names)("is listed in README.md, and tested: %s", (name) => {
    expect(read("README.md")).toContain(`](${name}/src/main.ts)`);
    expect([...Object.keys(stories), "browser-page"]).toContain(name);
  });
});
