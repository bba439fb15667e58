import { parseEndpoint } from "@holdfast/core";
import type { Case } from "./case.ts";
import { claim, claimFrames, describe } from "./claim.ts";
import { bytes } from "./payload.ts";
import type { End, Peer, Stage } from "./stage.ts";

/** So much without a single false, and there is no backpressure. */
const patienceBytes = 64 * 2 ** 20;

export const limits: readonly Case[] = [
  {
    sentence: "send returns false when the peer does not keep up, drained follows when it does, and nothing is lost, where traits.drains says so",
    run: (stage) => stage.sides((subject, peer) => stage.transport.traits.drains ? pressure(stage, subject, peer) : noPressure(stage, subject, peer)),
  },
  {
    sentence: "send throws a FrameError of the local side for a frame longer than maxFrameBytes, and the channel goes on without it",
    run: async (stage) => {
      const { maxFrameBytes } = stage.transport.traits;
      if (maxFrameBytes === Infinity) return;
      await stage.sides(async (subject, peer) => {
        for (const end of [subject, peer.end]) end?.channel.receive(end.recorder);
        claimFrameError(thrown(() => subject.channel.send(bytes(maxFrameBytes + 1))), "local", `send of ${subject.name} should throw for ${maxFrameBytes + 1} bytes: it`);
        const hearer = peer.end ?? subject;
        subject.channel.send(stage.text("the next one"));
        await hearer.recorder.count(1);
        claimFrames(hearer.recorder.frames, [stage.text("the next one")], hearer.name);
      });
    },
  },
  {
    sentence: "a frame longer than maxFrameBytes from the peer ends the channel with a FrameError of the remote side",
    run: async (stage) => {
      if (stage.transport.traits.maxFrameBytes === Infinity) return;
      const { oversize } = stage.fixture;
      claim(oversize !== undefined, "the fixture must name `oversize`: an endpoint that sends one frame longer than maxFrameBytes to whoever dials");
      const end = stage.end("the dialled channel", await stage.dial(parseEndpoint(oversize)));
      end.channel.receive(end.recorder);
      await end.recorder.end();
      claimFrameError(end.recorder.ends[0], "remote", `closed of ${end.name}`);
      claim(end.recorder.frames.length === 0, "the frame that is too long was handed over all the same");
    },
  },
];

function claimFrameError(error: unknown, whose: "local" | "remote", who: string): void {
  // A second copy of the package has a class of its own, but the same names.
  claim(error instanceof Error && error.name === "FrameError", `${who} should give a FrameError, got ${describe(error)}`);
  claim("whose" in error && error.whose === whose, `the FrameError should say whose: '${whose}': ${describe(error)}`);
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function pressure(stage: Stage, subject: End, peer: Peer): Promise<void> {
  const { channel, recorder, name } = subject;
  channel.receive(recorder);
  const length = Math.min(16_384, stage.transport.traits.maxFrameBytes);
  const frames: Uint8Array[] = [];
  let room = true;
  while (room && frames.length * length < patienceBytes) {
    const frame = bytes(length, frames.length);
    frames.push(frame);
    room = channel.send(frame);
  }
  claim(!room, `send of ${name} took ${patienceBytes} bytes that nobody read and never returned false`);
  const hearer = peer.end ?? subject;
  if (peer.end !== undefined) peer.end.channel.receive(peer.end.recorder);
  await recorder.until("was not told drained after send returned false", () => recorder.drains > 0);
  await hearer.recorder.count(frames.length);
  claimFrames(hearer.recorder.frames, frames, hearer.name);
}

async function noPressure(stage: Stage, { channel, recorder, name }: End, peer: Peer): Promise<void> {
  for (const end of [{ channel, recorder }, peer.end]) end?.channel.receive(end.recorder);
  for (let sent = 0; sent < 64; sent += 1) claim(channel.send(bytes(1_024, sent)), `traits.drains is false, and send of ${name} returned false`);
  await (peer.end?.recorder ?? recorder).count(64);
  claim(recorder.drains === 0, `traits.drains is false, and ${name} was told drained`);
}
