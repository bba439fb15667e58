import { slack, type Fault } from "../fault.ts";
import { current, outcome, settle, until } from "../watch.ts";

const within = 1_500;

export const drain: Fault = {
  name: "drain",
  announcement: "the server is about to be restarted and asks its peers to move elsewhere",
  async run(scene) {
    const { stage, app, naive } = scene;
    await settle();
    const name = await current(scene);
    const losses = app.disconnects.length;
    const moves = app.moves.length;
    const accepted = await stage.server(name).ask("accepted");
    app.watch();
    naive.watch();
    await Promise.all([stage.server(name).ask("drain", within, 500), stage.server("naive").ask("drain", within, 500)]);
    await until(() => app.moves.length > moves);
    app.renew();
    await until(() => app.watched.echoedAt !== undefined);
    await until(() => naive.closed, within);
    const moved = app.moves.at(-1)?.cause === "drained" && stage.nameOf(app.link.endpoint) !== name;
    return outcome(scene, { fault: this.name, injected: accepted > 0 && moved, boundMs: slack, naive: naive.story(), loss: false, losses: app.disconnects.length - losses });
  },
};
