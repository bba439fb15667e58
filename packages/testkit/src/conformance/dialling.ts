import { parseEndpoint, type Channel } from "@holdfast/core";
import type { Case } from "./case.ts";
import { claim, claimFrames, claimHoldfastError, describe, rejection } from "./claim.ts";
import type { Stage } from "./stage.ts";

export const dialling: readonly Case[] = [
  {
    sentence: "dial resolves with a live channel whose remote is the endpoint that was dialled",
    run: async (stage) => {
      const target = await stage.target();
      const channel = await stage.dial(target);
      const { recorder } = stage.end("the dialled channel", channel);
      claim(channel.remote.label === target.label, `remote is ${channel.remote.label}, dialled was ${target.label}`);
      channel.receive(recorder);
      await stage.quiet();
      claim(!recorder.over, "the channel was closed although nobody closed it");
    },
  },
  {
    sentence: "dial rejects with signal.reason when the signal is aborted before, and no connection is made",
    run: async (stage) => {
      const reason = new Error("changed my mind before");
      const error = await rejection(stage.dial(await stage.target(), AbortSignal.abort(reason)), "a dial with an aborted signal");
      claim(error === reason, `dial should reject with signal.reason itself, rejected with ${describe(error)}`);
      await stage.quiet();
      claim(stage.accepted.length === 0, "the listener accepted a channel from a dial that was aborted before it began");
    },
  },
  {
    sentence: "dial rejects with signal.reason when it is aborted on the way, and leaves no connection behind, even if it completes later",
    run: async (stage) => {
      for (const wait of waits) await abortOnTheWay(stage, wait);
      await nothingLeft(stage);
    },
  },
  {
    sentence: "dial rejects with signal.reason when it is aborted while the endpoint keeps silent",
    run: async (stage) => {
      if (stage.fixture.silent === undefined) return abortOnTheWay(stage, waits[0]);
      const controller = new AbortController();
      const reason = new Error("waited long enough");
      const dial = stage.dial(parseEndpoint(stage.fixture.silent), controller.signal);
      const outcome = rejection(dial, "a dial to the silent endpoint");
      await stage.quiet();
      controller.abort(reason);
      const error = await outcome;
      claim(error === reason, `dial should reject with signal.reason itself, rejected with ${describe(error)}`);
    },
  },
  {
    sentence: "an abort after dial has resolved changes nothing",
    run: async (stage) => {
      const controller = new AbortController();
      const end = stage.end("the dialled channel", await stage.dial(await stage.target(), controller.signal));
      end.channel.receive(end.recorder);
      controller.abort(new Error("too late"));
      await stage.quiet();
      claim(!end.recorder.over, "the channel was closed by a signal that only governs the dial");
      await stage.until("send should still take frames", () => end.channel.send(stage.text("still here")) || end.recorder.drains > 0);
    },
  },
  {
    sentence: "a refused dial rejects with a HoldfastError that names the endpoint and shows no secret",
    run: async (stage) => {
      const dead = await stage.dead();
      const { uri, ...options } = typeof dead === "string" ? { uri: dead } : dead;
      const endpoint = parseEndpoint({ ...options, uri: withSecrets(uri) });
      const error = await rejection(stage.dial(endpoint), `a dial to ${endpoint.label}, where nothing listens,`);
      claimHoldfastError(error, "the reason");
      claim(error.message.includes(endpoint.label), `the message should name ${endpoint.label}: ${error.message}`);
      for (const [where, text] of spoken(error)) claim(!text.includes(canary), `the ${where} of the error shows a secret of the URI: ${text}`);
    },
  },
  {
    sentence: "two dials give two channels, each with frames of its own",
    run: async (stage) => {
      const [one, other] = [await stage.connect(), await stage.connect()];
      claim(one.dialled.channel !== other.dialled.channel, "both dials resolved with the same channel");
      for (const [{ dialled, accepted }, text] of [[one, "one"], [other, "other"]] as const) {
        const hearer = accepted ?? dialled;
        hearer.channel.receive(hearer.recorder);
        dialled.channel.send(stage.text(text));
        await hearer.recorder.count(1);
        claimFrames(hearer.recorder.frames, [stage.text(text)], hearer.name);
      }
    },
  },
];

type Wait = () => Promise<void>;

/** An abort in the same turn, and then a little later each time. */
const waits: readonly [Wait | undefined, ...Wait[]] = [
  undefined,
  () => Promise.resolve(),
  async () => { for (let turn = 0; turn < 3; turn += 1) await Promise.resolve(); },
  () => new Promise((resolve) => { setTimeout(resolve, 0); }),
  () => new Promise((resolve) => { setTimeout(resolve, 1); }),
];

/** A dial that had completed when the abort came is no fault, unless the abort came in the same turn. */
async function abortOnTheWay(stage: Stage, wait: Wait | undefined): Promise<void> {
  const controller = new AbortController();
  const reason = new Error("changed my mind on the way");
  const target = await stage.target();
  let settled = false;
  const outcome = stage.dial(target, controller.signal).then<{ channel: Channel }, { error: unknown }>((channel) => ({ channel }), (error: unknown) => ({ error }));
  void outcome.then(() => { settled = true; });
  await wait?.();
  controller.abort(reason);
  // A promise that was resolved just before is heard of a few microtasks later.
  await new Promise((resolve) => { setTimeout(resolve, 0); });
  const completed = settled && wait !== undefined;
  const result = await outcome;
  if ("channel" in result) {
    result.channel.abort(new Error("not needed"));
    claim(completed, "dial was aborted on the way and resolved all the same");
  } else {
    claim(result.error === reason, `dial should reject with signal.reason itself, rejected with ${describe(result.error)}`);
  }
}

/** Whatever the listener accepted ends by itself when all dials were aborted. */
async function nothingLeft(stage: Stage): Promise<void> {
  if (stage.echo) return;
  const last = await stage.dial(await stage.target()); // What was on its way before it has arrived when this one has.
  await stage.until("the listener should have accepted the last dial", () => stage.accepted.length > 0);
  await stage.quiet();
  last.abort(new Error("not needed"));
  for (const channel of stage.accepted) {
    const { recorder } = stage.end("a channel accepted from an aborted dial", channel);
    channel.receive(recorder);
    await recorder.end();
  }
}

const canary = "canary";

function withSecrets(uri: string): string {
  return /^[^:]+:\/\//.test(uri) ? `${uri.replace("://", `://user:${canary}@`)}?token=${canary}` : uri;
}

/** Everything an error shows when it is logged, and its causes. */
function spoken(error: unknown): readonly (readonly [where: string, text: string])[] {
  if (!(error instanceof Error)) return [["text", String(error)]];
  return [
    ["message", error.message], ["stack", error.stack ?? ""], ["JSON", JSON.stringify(error)],
    ...Object.entries(error).map(([key, value]) => [`property ${key}`, String(value)] as const),
    ...(error.cause === undefined ? [] : spoken(error.cause).map(([where, text]) => [`${where} of the cause`, text] as const)),
  ];
}
