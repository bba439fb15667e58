import { describe, expectTypeOf, it } from "vitest";
import { json } from "../../src/protocol/json.ts";
import type { Protocol } from "../../src/ports/protocol.ts";

interface Pong { readonly type?: string }
interface Order { readonly type: "ping" | "order"; readonly text?: string }

describe("json() knows the types of messages", () => {
  it("from nobody: then any JSON goes, whatever the ping looks like", () => {
    const protocol = json({ ping: { type: "ping" }, pong: (message) => (message as Pong).type === "pong" });
    expectTypeOf(protocol).toEqualTypeOf<Protocol<unknown, unknown>>();
  });

  it("from where it is used", () => {
    const protocol: Protocol<Order, Pong> = json({ ping: { type: "ping" }, pong: ({ type }) => type === "pong", answer: () => ({ type: "order" }) });
    expectTypeOf<(typeof protocol)["start"]>().returns.toHaveProperty("send").parameter(0).toEqualTypeOf<Order>();
  });

  it("as they are given, and holds the ping to them", () => {
    expectTypeOf(json<Order, Pong>({ ping: { type: "ping" } })).toEqualTypeOf<Protocol<Order, Pong>>();
    expectTypeOf(json<Order | { readonly beat: true }, Pong>({ ping: { beat: true } })).toEqualTypeOf<Protocol<Order | { readonly beat: true }, Pong>>();
    // @ts-expect-error There is no such order.
    json<Order, Pong>({ ping: { type: "marco" } });
  });
});
