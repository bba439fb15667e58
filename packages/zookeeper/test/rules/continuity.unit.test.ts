import { describe, expect, it } from "vitest";
import { SimClock } from "@holdfast/testkit";
import { Continuity, type Voice } from "../../src/session/continuity.ts";
import { resolveOptions, type ZooKeeperOptions } from "../../src/session/options.ts";
import type { Welcome } from "../../src/protocol/greeting.ts";
import { bool, buffer, framed, int, long } from "../wire.ts";

const granted: Welcome = { timeout: 6_000, sessionId: 0x51n, password: Uint8Array.from({ length: 16 }, () => 7), readOnly: false };

class Rig implements Voice {
  readonly clock: SimClock = new SimClock();
  readonly told: unknown[][] = [];
  readonly continuity: Continuity;

  constructor(options: Partial<ZooKeeperOptions> = {}) {
    this.continuity = new Continuity(resolveOptions({ servers: "a:1", sessionTimeout: 9_000, clock: this.clock, ...options }), this);
  }

  /** One greeting, and what the server says to it. */
  greet(welcome: Welcome = granted): ReturnType<Continuity["welcomed"]> {
    this.continuity.hello();
    return this.continuity.welcomed(welcome);
  }

  tell(...event: unknown[]): void { this.told.push(event); }
  run(listener: () => void): void { listener(); }
  asking(): void { this.told.push(["asking"]); }
}

const hello = (zxid: bigint, id: bigint, password: Uint8Array): string => framed(int(0), long(zxid), int(9_000), long(id), buffer(password), bool(false)).toString("hex");

describe("a session, from one server to the next", () => {
  it("is asked for anew at first, then by its id and password, with the newest transaction that is known", () => {
    const { continuity } = new Rig();
    expect(continuity.hello().toString("hex")).toBe(hello(0n, 0n, new Uint8Array(16)));
    continuity.welcomed(granted);
    continuity.seen(40n);
    continuity.seen(30n);
    expect(continuity.hello().toString("hex")).toBe(hello(40n, granted.sessionId, granted.password));
    // Events count, too: a server that is behind them must not take us.
    continuity.notified({ type: 3, path: "/a", zxid: 50n });
    continuity.notified({ type: 3, path: "/a", zxid: 0n });
    expect(continuity.hello().toString("hex")).toBe(hello(50n, granted.sessionId, granted.password));
  });

  it("goes on where the server grants the same id, and only there", () => {
    const rig = new Rig();
    expect([rig.greet().terms.resumed, rig.greet().terms.resumed, rig.told]).toEqual([false, true, []]);
  });

  it.each<[name: string, welcome: Welcome]>([
    ["refuses it", { ...granted, timeout: 0, sessionId: 0n }],
    ["grants another one", { ...granted, sessionId: 0x52n }],
  ])("is over where a server %s", (_, welcome) => {
    const rig = new Rig();
    rig.greet();
    rig.continuity.hello();
    expect(() => rig.continuity.welcomed(welcome)).toThrow(expect.objectContaining({ name: "SessionError", code: "ZK_SESSION_EXPIRED", next: "stop" }));
    expect([rig.told, rig.continuity.over?.code]).toEqual([[["expired", { ephemerals: [], renewed: false }]], "ZK_SESSION_EXPIRED"]);
  });

  it("is begun anew where that is wished: by the server that grants another one, or by the next greeting", () => {
    const rig = new Rig({ onExpiry: "renew" });
    rig.greet();
    expect(rig.greet({ ...granted, sessionId: 0x52n }).terms.resumed).toBe(false);
    expect([rig.continuity.record.id, rig.told.length, rig.continuity.over]).toEqual([0x52n, 1, undefined]);
    rig.continuity.hello();
    expect(() => rig.continuity.welcomed({ ...granted, timeout: -1 })).toThrow(expect.objectContaining({ next: "retry" }));
    expect(rig.continuity.hello().toString("hex")).toBe(hello(0n, 0n, new Uint8Array(16)));
  });

  it("brings its credentials along, and then its watches", () => {
    const rig = new Rig({ auth: [{ scheme: "digest", auth: "a:b" }] });
    rig.continuity.watches.expect("data", "/a", () => {});
    rig.continuity.authentication.add({ scheme: "ip", auth: Buffer.from("") });
    expect(rig.greet().opening.map((packet) => packet.readInt32BE(4))).toEqual([-4, -4, -8]);
  });

  it("is no session yet where only a read-only server has granted it", () => {
    const rig = new Rig({ readOnly: true });
    rig.greet({ ...granted, readOnly: true });
    expect(rig.continuity.record.real).toBe(false);
    expect(rig.greet({ ...granted, sessionId: 0x52n }).terms.resumed).toBe(false);
    expect([rig.told, rig.continuity.record.real]).toEqual([[], true]);
  });

  it("is presumed to be over one timeout after the greeting was sent, not after it was answered", () => {
    const rig = new Rig();
    rig.continuity.hello();
    rig.clock.advance(1_000);
    rig.continuity.welcomed(granted);
    rig.clock.advance(4_999);
    expect(rig.told).toEqual([]);
    rig.clock.advance(1);
    expect(rig.told).toEqual([["presumedExpired"]]);
  });
});
