import { slack, type Fault } from "../fault.ts";
import { current, outcome, settle, until } from "../watch.ts";

export const busyPeer: Fault = {
  name: "busy-peer",
  announcement: "the server's event loop is blocked for 0.8 × the time after which a dead one is given up: the link may go elsewhere, and must not give it up",
  async run(scene) {
    const { stage, app, naive } = scene;
    await settle();
    const name = await current(scene);
    const bound = app.link.detectionBound();
    const losses = app.disconnects.length;
    app.watch();
    naive.watch();
    const busy = [stage.server(name).ask("busy", 0.8 * bound), stage.server("naive").ask("busy", 0.8 * bound)];
    const [blocked = 0] = await Promise.all(busy);
    app.renew();
    await until(() => app.watched.echoedAt !== undefined);
    return outcome(scene, { fault: this.name, injected: blocked >= 0.8 * bound, boundMs: bound + slack, naive: naive.story(), loss: false, losses: app.disconnects.length - losses });
  },
};
