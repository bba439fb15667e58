import type { Fault } from "../fault.ts";
import { slack } from "../fault.ts";
import { outcome, until } from "../watch.ts";

export const downAtStart: Fault = {
  name: "down-at-start",
  announcement: "two of three servers are down at the very first dial: one refuses, one accepts and says nothing",
  async run(scene) {
    const { stage, app, naive } = scene;
    await stage.set("tcp", "refuse");
    await stage.set("tls", "silence");
    await stage.set("naive", "refuse");
    app.watch();
    naive.watch();
    app.start();
    naive.start();
    await until(() => app.watched.echoedAt !== undefined);
    const { accepted, reached } = await stage.counters("tls");
    const injected = app.failures.includes("HF_DIAL_FAILED") && accepted > 0 && reached === 0;
    const healed = performance.now();
    for (const place of ["tcp", "tls", "naive"] as const) await stage.set(place, "pass");
    await until(() => naive.back, 2_500);
    return outcome(scene, { fault: this.name, injected, boundMs: slack, naive: naive.story(healed), loss: false, losses: app.disconnects.length });
  },
};
