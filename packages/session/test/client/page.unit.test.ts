import { describe, expect, it } from "vitest";
import { watchPage } from "../../src/client/page.ts";

describe("A page", () => {
  it("tells of every reason to look after connections, and of none once it is let go", () => {
    const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    const page = Object.assign(new EventTarget(), { document });
    let told = 0;
    const stop = watchPage(() => { told += 1; }, page);
    const all = (): void => {
      for (const type of ["online", "pageshow"]) page.dispatchEvent(new Event(type));
      for (const type of ["resume", "visibilitychange"]) document.dispatchEvent(new Event(type));
    };
    all();
    expect(told).toBe(4);
    stop();
    all();
    expect(told).toBe(4);
  });

  it("tells nothing when it is hidden", () => {
    const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    let told = 0;
    watchPage(() => { told += 1; }, Object.assign(new EventTarget(), { document }));
    document.dispatchEvent(new Event("visibilitychange"));
    expect(told).toBe(0);
  });

  it("is nowhere in Node, and a worker has none but hears that the network is back", () => {
    expect(() => { watchPage(() => { /* Never. */ })(); }).not.toThrow();
    const worker = new EventTarget();
    let told = 0;
    watchPage(() => { told += 1; }, worker);
    worker.dispatchEvent(new Event("online"));
    expect(told).toBe(1);
  });
});
