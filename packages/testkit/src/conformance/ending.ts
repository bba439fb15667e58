import type { Case } from "./case.ts";
import { claim, claimFrames, claimHoldfastError, describe } from "./claim.ts";
import { bytes, numbered } from "./payload.ts";
import type { End, Peer, Stage } from "./stage.ts";

export const ending: readonly Case[] = [
  {
    sentence: "close leads to closed, exactly once and without an error, on both sides",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      subject.channel.close({ code: 1000, reason: "done" });
      await endedOrderly(stage, subject);
      if (peer.end !== undefined) await endedOrderly(stage, peer.end);
    }),
  },
  {
    sentence: "the peer's goodbye leads to closed, exactly once and without an error",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      peer.close();
      await endedOrderly(stage, subject);
    }),
  },
  {
    sentence: "abort leads to closed, exactly once and with the error it was given",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      const error = new Error("enough");
      subject.channel.abort(error);
      await endedOnce(stage, subject);
      const [end] = subject.recorder.ends;
      claim(end === error, `closed of ${subject.name} should get the error that was given to abort, got ${describe(end)}`);
    }),
  },
  {
    sentence: "the peer's abort leads to closed, exactly once",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      peer.abort();
      await endedOnce(stage, subject);
      const [end] = subject.recorder.ends;
      if (end !== undefined) claimHoldfastError(end, `the error that closed of ${subject.name} gets`);
    }),
  },
  ...combinations(),
  {
    sentence: "nothing is called after closed",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      for (const frame of numbered(200)) peer.send(frame);
      await subject.recorder.count(1);
      subject.channel.ping?.();
      subject.channel.abort(new Error("in the middle"));
      for (const frame of numbered(20)) peer.send(frame);
      await subject.recorder.end();
      await stage.quiet();
      claim(subject.recorder.late.length === 0, `${subject.name} was called after closed: ${subject.recorder.late.join(", ")}`);
    }),
  },
  {
    sentence: "close flushes what was sent",
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      const frames = Array.from({ length: 64 }, (_, mark) => bytes(Math.min(16_384, stage.transport.traits.maxFrameBytes), mark));
      for (const frame of frames) subject.channel.send(frame);
      subject.channel.close();
      await subject.recorder.end();
      if (peer.end === undefined) return;
      await peer.end.recorder.end();
      claimFrames(peer.end.recorder.frames, frames, peer.end.name);
    }),
  },
  {
    sentence: "what the peer sent before its goodbye arrives before closed, also when receive comes late",
    run: (stage) => stage.sides(async (subject, peer) => {
      const frames = numbered(20);
      for (const frame of frames) peer.send(frame);
      peer.close();
      await stage.ended();
      subject.channel.receive(subject.recorder);
      await subject.recorder.end();
      claimFrames(subject.recorder.frames, frames, subject.name);
      await endedOrderly(stage, subject);
    }),
  },
  {
    sentence: "after close, send returns false and nothing throws",
    run: (stage) => stage.sides((subject, peer) => deafAfter(stage, subject, peer, () => { subject.channel.close(); })),
  },
  {
    sentence: "after abort, send returns false and nothing throws",
    run: (stage) => stage.sides((subject, peer) => deafAfter(stage, subject, peer, () => { subject.channel.abort(new Error("enough")); })),
  },
  {
    sentence: "a channel that was aborted before receive still calls closed, exactly once",
    run: (stage) => stage.sides(async (subject) => {
      subject.channel.abort(new Error("not needed"));
      await stage.ended();
      subject.channel.receive(subject.recorder);
      await endedOnce(stage, subject);
    }),
  },
  {
    sentence: "a channel that was closed before receive still calls closed, exactly once",
    run: (stage) => stage.sides(async (subject, peer) => {
      if (peer.end !== undefined) peer.end.channel.receive(peer.end.recorder);
      subject.channel.close();
      await stage.ended();
      subject.channel.receive(subject.recorder);
      await endedOnce(stage, subject);
    }),
  },
  {
    sentence: "a handler may close or abort its channel in the middle of a frame",
    run: async (stage) => {
      for (const act of ["close", "abort"] as const) await stage.sides((subject, peer) => endInside(stage, subject, peer, act));
    },
  },
];

/** Every order of two ends. */
function combinations(): readonly Case[] {
  const acts = {
    close: (end: End) => { end.channel.close(); },
    abort: (end: End) => { end.channel.abort(new Error("enough")); },
  };
  const names = ["close", "abort"] as const;
  return names.flatMap((first) => names.map((second): Case => ({
    sentence: `${first} followed by ${second} leads to closed, exactly once`,
    run: (stage) => stage.sides(async (subject, peer) => {
      receiveBoth(subject, peer);
      acts[first](subject);
      acts[second](subject);
      await endedOnce(stage, subject);
      acts[second](subject); // And once more when all is over.
      await endedOnce(stage, subject);
    }),
  })));
}

function receiveBoth(subject: End, peer: Peer): void {
  for (const end of [subject, peer.end]) end?.channel.receive(end.recorder);
}

async function endedOnce(stage: Stage, { name, recorder }: End): Promise<void> {
  await recorder.end();
  await stage.quiet();
  claim(recorder.ends.length === 1, `closed of ${name} was called ${recorder.ends.length} times`);
}

async function endedOrderly(stage: Stage, end: End): Promise<void> {
  await endedOnce(stage, end);
  const [error] = end.recorder.ends;
  claim(error === undefined, `an orderly end has no error; closed of ${end.name} got ${describe(error)}`);
}

async function deafAfter(stage: Stage, subject: End, peer: Peer, end: () => void): Promise<void> {
  receiveBoth(subject, peer);
  const { channel, recorder, name } = subject;
  const prod = (when: string): void => {
    for (const frame of ["late", bytes(10)]) claim(attempt(`send of ${name} ${when}`, () => channel.send(frame)) === false, `send of ${name} should return false ${when}`);
    for (const method of ["ping", "pause", "resume"] as const) attempt(`${method} of ${name} ${when}`, () => channel[method]?.());
  };
  end();
  prod("right after it");
  await recorder.end();
  prod("after closed");
  attempt(`close of ${name} after closed`, () => { channel.close(); });
  attempt(`abort of ${name} after closed`, () => { channel.abort(new Error("again")); });
  await stage.quiet();
  claim(peer.end === undefined || peer.end.recorder.frames.length === 0, "a frame that was sent after the end reached the peer");
}

function attempt<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw new Error(`${what} should not throw, threw ${describe(error)}`, { cause: error });
  }
}

async function endInside(stage: Stage, { name, channel }: End, peer: Peer, act: "close" | "abort"): Promise<void> {
  const inside = stage.end(name, channel, (event) => {
    if (event !== "frame") return;
    if (act === "close") channel.close();
    else channel.abort(new Error("enough"));
  });
  receiveBoth(inside, peer);
  for (const frame of numbered(5)) peer.send(frame);
  await endedOnce(stage, inside);
  claim(inside.recorder.late.length === 0, `${name} was called after closed: ${inside.recorder.late.join(", ")}`);
}
