import type { Case } from "./case.ts";
import { claim, claimFrames, claimPlain } from "./claim.ts";
import { bytes, lengths, numbered } from "./payload.ts";
import type { End, Peer, Stage } from "./stage.ts";

export const receiving: readonly Case[] = [
  {
    sentence: "a channel is paused until receive, and no earlier frame is lost",
    run: (stage) => stage.sides(async (subject, peer) => {
      const frames = numbered(20);
      for (const frame of frames) peer.send(frame);
      await stage.quiet();
      subject.channel.receive(subject.recorder);
      peer.send(stage.text("the last one"));
      await subject.recorder.count(frames.length + 1);
      claimFrames(subject.recorder.frames, [...frames, stage.text("the last one")], subject.name);
    }),
  },
  {
    sentence: "frames of every length arrive whole, in order, at most once",
    run: (stage) => stage.sides(async (subject, peer) => {
      const frames = lengths(stage.transport.traits.maxFrameBytes).map((length, mark) => bytes(length, mark));
      subject.channel.receive(subject.recorder);
      for (const frame of frames) peer.send(frame);
      await subject.recorder.count(frames.length);
      await stage.quiet();
      claimFrames(subject.recorder.frames, frames, subject.name);
    }),
  },
  {
    sentence: "a text frame arrives as a string where traits.text says so, and as its UTF-8 bytes where it does not",
    run: (stage) => stage.sides(async (subject, peer) => {
      const texts = ["plain", "", "é ß ø", "日本語", "🙂 beyond the first plane", "line\nbreak\r\nand \u0000 zero", "x".repeat(1_000)]
        .filter((text) => new TextEncoder().encode(text).byteLength <= stage.transport.traits.maxFrameBytes);
      subject.channel.receive(subject.recorder);
      for (const text of texts) peer.send(text);
      await subject.recorder.count(texts.length);
      claimFrames(subject.recorder.frames, texts.map((text) => stage.text(text)), subject.name);
    }),
  },
  {
    sentence: "bytes arrive as bytes, also between text frames",
    run: (stage) => stage.sides(async (subject, peer) => {
      subject.channel.receive(subject.recorder);
      const frames = [bytes(5), "text", bytes(6), "more", bytes(0)];
      for (const frame of frames) peer.send(frame);
      await subject.recorder.count(frames.length);
      claimFrames(subject.recorder.frames, frames.map((frame) => typeof frame === "string" ? stage.text(frame) : frame), subject.name);
      claimPlain(subject.recorder.frames, subject.name);
    }),
  },
  {
    sentence: "a burst of a thousand frames arrives in order, at most once",
    run: (stage) => stage.sides(async (subject, peer) => {
      const frames = numbered(1_000);
      subject.channel.receive(subject.recorder);
      for (const frame of frames) peer.send(frame);
      await subject.recorder.count(frames.length);
      await stage.quiet();
      claimFrames(subject.recorder.frames, frames, subject.name);
    }),
  },
  {
    sentence: "frames flow both ways at the same time",
    run: (stage) => stage.sides(async (subject, peer) => {
      const frames = numbered(100);
      const both: End[] = peer.end === undefined ? [subject] : [subject, peer.end];
      for (const end of both) end.channel.receive(end.recorder);
      for (const frame of frames) for (const end of both) end.channel.send(frame);
      for (const { recorder, name } of both) {
        await recorder.count(frames.length);
        claimFrames(recorder.frames, frames, name);
      }
    }),
  },
  {
    sentence: "pause stops the flow and resume goes on with nothing lost, where traits.pauses says so",
    run: (stage) => stage.sides((subject, peer) => stage.transport.traits.pauses ? pausing(stage, subject, peer) : noPausing(subject)),
  },
  {
    sentence: "a ping is answered with a pong by the peer's transport, where traits.pings says so",
    run: (stage) => stage.sides(async (subject, peer) => {
      if (peer.end !== undefined) peer.end.channel.receive(peer.end.recorder);
      subject.channel.receive(subject.recorder);
      if (!stage.transport.traits.pings) {
        claim(subject.channel.ping === undefined, `traits.pings is false, and ${subject.name} has a ping`);
        await stage.quiet();
        claim(subject.recorder.pongs === 0, `${subject.name} heard a pong although it cannot ping`);
        return;
      }
      for (let ping = 1; ping <= 3; ping += 1) {
        subject.channel.ping?.();
        await subject.recorder.until(`did not hear the pong to ping ${ping}`, () => subject.recorder.pongs >= ping);
      }
      await stage.quiet();
      claim(subject.recorder.pongs === 3, `${subject.name} heard ${subject.recorder.pongs} pongs to 3 pings`);
      claim(peer.end === undefined || peer.end.recorder.frames.length === 0, "a ping reached the peer's handler as a frame; its transport should answer by itself");
    }),
  },
];

async function pausing(stage: Stage, subject: End, peer: Peer): Promise<void> {
  const { channel, recorder } = subject;
  channel.receive(recorder);
  peer.send(stage.text("before"));
  await recorder.count(1);
  channel.pause?.();
  // A socket takes a moment to stop; what is sent from now on cannot have been read already.
  await stage.quiet();
  const frames = numbered(50);
  for (const frame of frames) peer.send(frame);
  await stage.quiet();
  claim(recorder.frames.length === 1, `${subject.name} heard ${recorder.frames.length - 1} frames while it was paused`);
  channel.resume?.();
  await recorder.count(1 + frames.length);
  claimFrames(recorder.frames, [stage.text("before"), ...frames], subject.name);
}

async function noPausing({ channel, name }: End): Promise<void> {
  claim(channel.pause === undefined && channel.resume === undefined, `traits.pauses is false, and ${name} has a pause or a resume`);
}
