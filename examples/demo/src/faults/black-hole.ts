import { pause, slack, type Fault } from "../fault.ts";
import { current, outcome, settle, until } from "../watch.ts";

/** One direction goes nowhere; the sockets stay open and nobody says a word about it. */
function blackHole(direction: "out" | "in", announcement: string): Fault {
  return {
    name: `black-hole-${direction}`,
    announcement,
    async run(scene) {
      const { stage, app, naive } = scene;
      await settle();
      const name = await current(scene);
      const losses = app.departures;
      // What we send is swallowed while the server goes on talking; or we talk and hear nothing.
      const boundMs = app.link.detectionBound(direction === "out" ? "talking" : "silent") + slack;
      app.watch();
      naive.watch();
      await Promise.all([stage.set(name, `black-hole-${direction}`), stage.set("naive", "hold")]);
      naive.renew();
      const since = performance.now();
      await until(() => app.departures > losses);
      app.renew();
      await until(() => app.watched.echoedAt !== undefined);
      await pause(since + boundMs - performance.now()); // For those who need longer.
      const counters = await stage.counters(name);
      const swallowed = direction === "out" ? counters.outward.swallowed : counters.inward.swallowed;
      await stage.set(name, "reset"); // What is left of the old connection.
      const healed = performance.now();
      await Promise.all([stage.set(name, "pass"), stage.set("naive", "pass")]);
      await pause(200);
      return outcome(scene, { fault: this.name, injected: swallowed > 0, boundMs, naive: naive.story(healed), loss: true, losses: app.departures - losses });
    },
  };
}

export const blackHoleOut: Fault = blackHole("out", "what we send vanishes, while the server's messages still arrive");
export const blackHoleIn: Fault = blackHole("in", "what the server sends vanishes, while ours still arrives");
