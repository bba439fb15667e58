import { slack, type Fault } from "../fault.ts";
import { current, outcome, settle, until } from "../watch.ts";

export const rst: Fault = {
  name: "rst",
  announcement: "the connection is reset (RST), as when a server process is killed",
  async run(scene) {
    const { stage, app, naive } = scene;
    await settle();
    const name = await current(scene);
    const before = { resets: (await stage.counters(name)).resets, losses: app.disconnects.length };
    app.watch();
    naive.watch();
    await Promise.all([stage.set(name, "reset"), stage.set("naive", "reset")]);
    await until(() => app.disconnects.length > before.losses);
    app.renew();
    await until(() => app.watched.echoedAt !== undefined);
    await until(() => naive.back, 2_500);
    const injected = (await stage.counters(name)).resets > before.resets;
    return outcome(scene, { fault: this.name, injected, boundMs: slack, naive: naive.story(), loss: true, losses: app.disconnects.length - before.losses });
  },
};
