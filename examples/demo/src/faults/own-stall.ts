import { slack, type Fault } from "../fault.ts";
import { outcome, settle, until } from "../watch.ts";
import { block } from "../workers/remote.ts";

const lasts = 2_700;

export const ownStall: Fault = {
  name: "own-stall",
  announcement: `our own event loop is blocked for ${lasts / 1000} s, longer than the bound: the peer must not be blamed`,
  async run(scene) {
    const { app, naive } = scene;
    await settle();
    await app.link.ready();
    const losses = app.disconnects.length;
    const bound = app.link.detectionBound();
    app.watch();
    naive.watch();
    const blocked = block(lasts);
    app.notice();
    app.renew();
    await until(() => app.watched.echoedAt !== undefined);
    // A verdict that is only late would come now.
    await until(() => app.disconnects.length > losses, 400);
    return outcome(scene, { fault: this.name, injected: blocked > bound, boundMs: lasts + slack, naive: naive.story(), loss: false, losses: app.disconnects.length - losses });
  },
};
