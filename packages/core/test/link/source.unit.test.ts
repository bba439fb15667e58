import { describe, expect, it } from "vitest";
import "../../src/retry/retry.ts"; // A link loads it on first need; here no test shall wait for that.
import type { EndpointEntry, EndpointSource } from "../../src/ports/endpoint.ts";
import { rig, type Rig } from "./rig.ts";

/** A source that gives what the function gives, and counts how often it was asked. */
function source(list: EndpointSource["list"]): EndpointSource & { readonly asked: () => number } {
  let asked = 0;
  return { asked: () => asked, list: (options) => { asked += 1; return list(options); } };
}

/** Asking takes a few turns of the loop: the code for it is loaded on first need. */
async function until(done: () => boolean, { settle }: Rig<string, string>): Promise<void> {
  for (let round = 0; round < 200 && !done(); round += 1) await settle();
  if (!done()) throw new Error("it never happened");
}

describe("a source of endpoints", () => {
  it("is asked before every dial", async () => {
    const lists: EndpointEntry[][] = [["fake://a"], ["fake://b", "fake://c"]];
    const endpoints = source(() => lists.shift() ?? []);
    const made = rig({ endpoints });
    void made.link.open();
    await until(() => made.transport.dials.length === 1, made);
    (await made.accept()).end();
    await until(() => made.link.phase === "waiting", made);
    made.link.retryNow();
    await until(() => made.transport.dials.length === 2, made);
    expect(made.transport.dials.map(({ endpoint }) => endpoint.host)).toEqual(["a", "b"]);
    expect(endpoints.asked()).toBe(2);
    await made.link.close();
  });

  it("that gives the same texts again is not read again, and a change in the same array is seen", async () => {
    const list = ["fake://a"];
    const made = rig({ endpoints: source(() => list) });
    void made.link.open();
    for (const [dials, next] of [[1, "fake://a"], [2, "fake://b"], [3, "fake://b"]] as const) {
      await until(() => made.transport.dials.length === dials, made);
      list[0] = next;
      (await made.accept()).end();
      await until(() => made.link.phase === "waiting", made);
      made.link.retryNow();
    }
    await until(() => made.transport.dials.length === 4, made);
    const [one, two, three, four] = made.transport.dials.map(({ endpoint }) => endpoint);
    expect([one === two, two === three, three === four]).toEqual([true, false, true]);
    expect([one?.host, three?.host]).toEqual(["a", "b"]);
    await made.link.close();
  });

  it("may be asynchronous, and give options and secrets that are never shown", async () => {
    const made = rig({ endpoints: source(async () => Promise.resolve([{ uri: "fake://host/x?token=s3cret", ca: "s3cret" }])) });
    void made.link.open();
    await until(() => made.transport.dials.length === 1, made);
    expect(made.transport.last.endpoint).toMatchObject({ uri: "fake://host/x?token=s3cret", options: { ca: "s3cret" } });
    await made.accept();
    expect(JSON.stringify([made.told, made.link.snapshot()])).not.toContain("s3cret");
    expect(made.link.endpoint).toBe("fake://host/x?…");
  });

  it.each<[string, EndpointSource["list"], RegExp]>([
    ["throws", () => { throw new Error("consul is down"); }, /gave no list to dial: consul is down/],
    ["rejects", () => Promise.reject(new Error("consul is down")), /gave no list to dial: consul is down/],
    ["throws what is no error", () => { throw "down"; }, /gave no list to dial: /], // oxlint-disable-line no-throw-literal
    ["gives an empty list", () => [], /at least one endpoint/],
    ["gives what is no list", () => undefined as never, /at least one endpoint/],
    ["gives what nobody can dial", () => ["other://a"], /no transport for other/],
  ])("that %s is asked again, and then the link waits", async (_, list, words) => {
    const endpoints = source(list);
    const made = rig({ endpoints });
    const messages: string[] = [];
    made.link.on("failed", ({ error }) => messages.push(`${error.code} ${error.message}`));
    void made.link.open();
    await until(() => made.link.phase === "waiting", made);
    expect(messages).toEqual([expect.stringMatching(words)]);
    expect(messages[0]).toMatch(/^HF_NO_ENDPOINT/);
    expect(made.told.at(-1)).toBe("waiting attempt 1 delay 1000");
    const before = endpoints.asked();
    await made.clock.advanceAsync(1_000);
    await until(() => made.link.phase === "waiting", made);
    expect(endpoints.asked()).toBeGreaterThan(before);
    await made.link.close();
  });

  it("that hangs is given up after the dial timeout, and told so", async () => {
    let signal: AbortSignal | undefined;
    const made = rig({ endpoints: source((options) => { signal = options.signal; return new Promise(() => { /* Never. */ }); }) });
    void made.link.open();
    await until(() => signal !== undefined, made);
    await made.clock.advanceAsync(5_000);
    expect(signal?.aborted).toBe(true);
    expect(made.told).toEqual(["failed  attempt 1 HF_DIAL_TIMEOUT", "waiting attempt 1 delay 1000"]);
    await made.link.close();
    expect(made.clock.pending).toBe(0);
  });

  it("that answers after it was given up changes nothing", async () => {
    const answers: ((list: EndpointEntry[]) => void)[] = [];
    const made = rig({ endpoints: source(() => new Promise((resolve) => { answers.push(resolve); })) });
    void made.link.open();
    await until(() => answers.length === 1, made);
    await made.clock.advanceAsync(5_000);
    answers[0]?.(["fake://late"]);
    await made.settle();
    expect([made.link.phase, made.transport.dials.length]).toEqual(["waiting", 0]);
    await made.clock.advanceAsync(1_000);
    await until(() => answers.length === 2, made);
    answers[1]?.(["fake://fresh"]);
    await until(() => made.transport.dials.length === 1, made);
    expect(made.transport.last.endpoint.host).toBe("fresh");
    await made.link.close();
  });

  it("is told when the link is closed while it thinks", async () => {
    let signal: AbortSignal | undefined;
    const made = rig({ endpoints: source((options) => { signal = options.signal; return new Promise(() => { /* Never. */ }); }) });
    void made.link.open();
    await until(() => signal !== undefined, made);
    await made.link.close();
    expect(signal?.aborted).toBe(true);
    expect(made.told).toEqual(["closed requested"]);
  });
});
