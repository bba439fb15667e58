import { constant } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { Rig } from "./rig.ts";

/** A session without a server, which would dial again in an hour. */
async function waiting() {
  const rig = new Rig();
  const session = rig.session({ endpoints: ["memory://a"], backoff: constant(3_600_000, { jitter: "none" }) });
  void session.open();
  await rig.run(100);
  await rig.listen("a");
  expect(session.last("waiting")).toMatchObject({ delay: 3_600_000 });
  return { rig, session };
}

describe("A session in a browser", () => {
  it("opens, sends and receives with nothing of Node", async () => {
    const rig = new Rig();
    await rig.listen("a");
    const session = rig.session();
    const heard: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    void session.open();
    await rig.run(10);
    session.send("ü");
    rig.send(Uint8Array.of(1, 2));
    await rig.run(10);
    expect([rig.handled, heard]).toEqual([["ü"], [Uint8Array.of(1, 2)]]);
    void session.close();
    await rig.run(10);
    expect(session.phase).toBe("closed");
  });

  it.each([
    ["the network is back", () => window.dispatchEvent(new Event("online"))],
    ["the page comes back from the cache", () => window.dispatchEvent(new Event("pageshow"))],
    ["the page is seen again", () => document.dispatchEvent(new Event("visibilitychange"))],
    ["the page is thawed", () => document.dispatchEvent(new Event("resume"))],
  ])("dials at once when %s", async (_, happens) => {
    const { rig, session } = await waiting();
    happens();
    await rig.run(100);
    expect(session.phase).toBe("attached");
    // While attached it asks for a sign of life instead.
    const { length } = rig.present.frames;
    happens();
    await rig.run(10);
    expect(rig.present.types.slice(length)).toEqual(["ping"]);
    void session.close();
    await rig.run(100);
    happens();
    await rig.run(100);
    expect(rig.visits).toHaveLength(1);
  });
});
