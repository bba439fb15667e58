import { mkdirSync, writeFileSync } from "node:fs";
import { chart, type Chart, type Series } from "./chart.ts";
import type { Storm } from "./crowd.ts";
import { counts, type Moments } from "./measures.ts";
import { cap, highCap, minute, spread, type outages } from "./outages.ts";

const folder = new URL("../../../../docs/concepts/pictures/", import.meta.url);

/** The curves of docs/concepts/backoff-and-storms.md. Simulated, so the same on every machine. */
export function draw(storms: Readonly<Record<keyof typeof outages, Storm>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, picture] of Object.entries(pictures(storms))) writeFileSync(new URL(`${name}.svg`, folder), chart(picture));
}

function pictures(storms: Readonly<Record<keyof typeof outages, Storm>>): Readonly<Record<string, Chart>> {
  const { lonely, highCap: high, withoutJitter, bereft, spread: spreadOut, brief, quick, limited } = storms;
  const name = `full jitter, up to ${cap / 1_000} s (the default)`;
  const highName = `full jitter, up to ${highCap / 1_000} s`;
  return {
    "storm-dials": {
      title: "10 000 clients, one server, gone for 60 s: dials per second", x: "seconds since the loss", y: "dials per second", logarithmic: true,
      series: [rate(highName, high.dials, 1_000, 0, 90_000), rate("the same waits, no jitter", withoutJitter.dials, 1_000, 0, 90_000), rate(name, lonely.dials, 1_000, 0, 90_000)],
    },
    "storm-back": {
      title: "10 000 clients, one server, gone for 60 s: who is back", x: "seconds since the server is back", y: "% of the clients", top: 100,
      series: [share(highName, high.back, minute, highCap), share(name, lonely.back, minute, highCap), { name: `ideal for ${highCap / 1_000} s`, points: [[0, 0], [highCap / 1_000, 100]] }],
    },
    "storm-failover": {
      title: "10 000 clients, three servers, one dies: dials to the others", x: "seconds since the loss", y: "dials per 100 ms", logarithmic: true,
      series: [rate("at once", bereft.dials, 100, 0, spread + 1_000), rate(`failoverSpread: ${spread}`, spreadOut.dials, 100, 0, spread + 1_000)],
    },
    "storm-brief": {
      title: "500 clients, one server, gone for 3 s: dials after its return", x: "seconds since the server is back", y: "dials per 100 ms",
      series: [rate(name, brief.dials, 100, 3_000, 8_000), rate("equal jitter, up to 2 s", quick.dials, 100, 3_000, 8_000), rate("one process, limited", limited.dials, 100, 3_000, 8_000)],
    },
  };
}

function rate(name: string, moments: Moments, window: number, from: number, to: number): Series {
  return { name, points: counts(moments, window, from, to).map((count, at) => [(at * window) / 1_000, count]) };
}

function share(name: string, moments: Moments, from: number, to: number): Series {
  const window = 250;
  let sum = 0;
  const points = counts(moments, window, from, from + to).map((count, at) => [((at + 1) * window) / 1_000, ((sum += count) * 100) / moments.length] as const);
  return { name, points: [[0, 0], ...points] };
}
