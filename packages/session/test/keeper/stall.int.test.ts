import { fork, type ChildProcess } from "node:child_process";
import { tcp } from "@holdfast/tcp";
import { describe, expect, it } from "vitest";
import type { SessionOptions } from "../../src/client/session-options.ts";
import { Session } from "../../src/client/session.ts";

const timeout = 2_000;
const transport = tcp();
const heard = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => { child.once("message", resolve); });
const echoOf = (session: Session): Promise<unknown> => new Promise((resolve) => { session.receive((message) => { resolve(message); }); });
const after = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe("a server that is stopped for twice the timeout", () => {
  it("loses none of 220 sessions, 20 of them without a connection, when it goes on", { timeout: 60_000 }, async () => {
    const child = fork(new URL("stalled-server.ts", import.meta.url), { execArgv: ["--conditions=@holdfast/source"] });
    const sessions: Session[] = [];
    try {
      const uri = await heard(child) as string; // It tells that first.
      const over: string[] = [];
      const begin = (options: Omit<SessionOptions, "transports">): Session => {
        const session = new Session({ transports: [transport], logger: false, ...options });
        for (const name of ["expired", "lost", "moved"] as const) session.on(name, () => { over.push(name); });
        return session;
      };
      const echoes: Promise<unknown>[] = [];
      for (let at = 0; at < 220; at += 1) {
        const session = begin({ endpoints: uri, timeout });
        if (at >= 20) echoes.push(echoOf(session));
        sessions.push(session);
      }
      await Promise.all(sessions.map((session) => session.open()));
      // Those that are away come back with their tickets after the stop.
      const away = await Promise.all(sessions.splice(0, 20).map((session) => session.suspend()));
      await after(500);
      child.kill("SIGSTOP");
      await after(2 * timeout); // The time that passes for everybody else is what this is about.
      child.kill("SIGCONT");
      for (const ticket of away) {
        if (ticket === undefined) throw new Error("no ticket of a session that is open");
        const session = begin({ endpoints: uri, ticket });
        echoes.push(echoOf(session));
        sessions.push(session);
      }
      await Promise.all(sessions.slice(-20).map((session) => session.open()));
      for (const session of sessions) session.send("still there");
      expect(new Set(await Promise.all(echoes))).toEqual(new Set(["still there"]));
      await after(timeout * 1.5); // Whoever was not renewed would be ended by now.
      child.send("counts");
      expect(await heard(child)).toMatchObject({ session: 220, expired: 0, closed: 0 });
      expect(over).toEqual([]);
    } finally {
      child.kill("SIGCONT");
      await Promise.all(sessions.map((session) => session.close()));
      child.kill("SIGKILL");
    }
  });
});
