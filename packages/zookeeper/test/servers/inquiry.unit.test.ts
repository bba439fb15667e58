import { describe, expect, it } from "vitest";
import { understand } from "../../src/servers/inquiry.ts";

const srvr = (mode: string): string => `Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC
Latency min/avg/max: 0/0.5/9
Received: 3
Sent: 2
Connections: 1
Outstanding: 0
Zxid: 0x1000000a2
Mode: ${mode}
Node count: 5
`;

describe("what a server says of itself", () => {
  it.each(["leader", "follower", "observer", "standalone", "read-only"] as const)("is its part, version and last transaction: %s", (mode) => {
    expect(understand(srvr(mode))).toEqual({ kind: "serving", state: { mode, version: "3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f", zxid: 0x1_0000_00a2n } });
  });

  it.each([
    ["an election", "This ZooKeeper instance is not currently serving requests\n", "idle"],
    ["a word it does not allow", "srvr is not executed because it is not in the whitelist.\n", "secretive"],
    ["a mode nobody knows", srvr("dancing"), "idle"],
    ["nothing", "", "silent"],
    ["no answer at all", undefined, "silent"],
  ])("may be %s", (_, text, kind) => {
    expect(understand(text)).toEqual({ kind });
  });
});
