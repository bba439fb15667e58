import { pause, slack, type Fault } from "../fault.ts";
import { names } from "../stage.ts";
import { outcome, settle, until } from "../watch.ts";

const lasts = 2_500;
/** What the backoff allows in that time, generously: one round of three, then ever longer waits. */
const mostDials = 40;

export const flap: Fault = {
  name: "flap",
  announcement: `for ${lasts / 1000} s every server accepts, greets and drops: whoever redials at once hammers them`,
  async run(scene) {
    const { stage, app, naive, say } = scene;
    await settle();
    const losses = app.disconnects.length;
    const dials = app.dials;
    const servers = [...names, "naive" as const].map((place) => stage.server(place));
    app.watch();
    naive.watch();
    const before = await Promise.all(servers.map((server) => server.ask("flap", true)));
    await pause(lasts);
    const after = await Promise.all(servers.map((server) => server.ask("flap", false)));
    const redials = app.dials - dials;
    say.note(`${redials} dials in ${lasts / 1000} s of flapping`);
    const healed = performance.now();
    app.renew();
    await until(() => app.watched.echoedAt !== undefined);
    await until(() => naive.back, 2_500);
    const injected = before.some((count, at) => at < names.length && (after[at] ?? 0) > count);
    const row = outcome(scene, { fault: this.name, injected, boundMs: slack, naive: naive.story(healed), loss: true, losses: app.disconnects.length - losses });
    return { ...row, survived: row.survived && redials <= mostDials };
  },
};
