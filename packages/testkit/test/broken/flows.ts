import type { Frame } from "@holdfast/core";
import { memory } from "../../src/index.ts";
import { maxFrameBytes, sound, type Fault } from "./fault.ts";
import { impatient } from "./impatient.ts";
import { tamperChannel, tamperHandler, tamperHandlers, tamperTransport } from "./tamper.ts";

/** Faults while frames flow. */
export const flows: readonly Fault[] = [
  {
    fault: "loses frames that came before receive", breaks: "a channel is paused until receive, and no earlier frame is lost", saying: /did not hear 21 frames/,
    transport: () => tamperTransport(sound(), impatient),
  },
  {
    fault: "swaps frames", breaks: "a burst of a thousand frames arrives in order, at most once", saying: /swapped|expected \d+ bytes, got \d+ bytes/,
    transport: () => tamperHandlers(sound(), (handler) => {
      const kept: Frame[] = [];
      return tamperHandler(handler, { frame: (frame) => { kept.push(frame); if (kept.length === 2) for (const one of kept.splice(0).reverse()) handler.frame(one); } });
    }),
  },
  {
    fault: "delivers a frame twice", breaks: "frames of every length arrive whole, in order, at most once", saying: /wrong|at most once/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { handler.frame(frame); if (frame.length === 127) handler.frame(frame); } })),
  },
  {
    fault: "cuts long frames", breaks: "frames of every length arrive whole, in order, at most once", saying: /expected 65534 bytes, got 40000 bytes/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { for (let at = 0; at === 0 || at < frame.length; at += 40_000) handler.frame(frame.slice(at, at + 40_000)); } })),
  },
  {
    fault: "drops empty frames", breaks: "frames of every length arrive whole, in order, at most once", saying: /did not hear \d+ frames/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { if (frame.length > 0) handler.frame(frame); } })),
  },
  {
    fault: "delivers text as bytes although traits.text", breaks: "a text frame arrives as a string where traits.text says so, and as its UTF-8 bytes where it does not", saying: /expected a text \(string\), got bytes/,
    transport: () => ({ ...memory({ traits: { maxFrameBytes, text: false } }), traits: sound().traits }),
  },
  {
    fault: "delivers Buffers", breaks: "bytes arrive as bytes, also between text frames", saying: /whose slice\(\) is no copy/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { handler.frame(typeof frame === "string" ? frame : Buffer.from(frame)); } })),
  },
  {
    fault: "ignores pause", breaks: "pause stops the flow and resume goes on with nothing lost, where traits.pauses says so", saying: /heard 50 frames while it was paused/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { pause: () => undefined })),
  },
  {
    fault: "has a pause although traits.pauses is false", breaks: "a channel has pause and resume exactly where traits.pauses says so", saying: /traits\.pauses is false, and pause of the dialled channel is there/,
    transport: () => { const transport = sound(); return { ...transport, traits: { ...transport.traits, pauses: false } }; },
  },
  {
    fault: "never answers a ping", breaks: "a ping is answered with a pong by the peer's transport, where traits.pings says so", saying: /did not hear the pong to ping 1/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { ping: () => undefined })),
  },
  {
    fault: "never says drained", breaks: "send returns false when the peer does not keep up, drained follows when it does, and nothing is lost, where traits.drains says so", saying: /was not told drained/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { drained: () => undefined })),
  },
  {
    fault: "never says stop", breaks: "send returns false when the peer does not keep up, drained follows when it does, and nothing is lost, where traits.drains says so", saying: /never returned false/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { send: (frame) => { channel.send(frame); return true; } })),
  },
  {
    fault: "sends frames that are too long", breaks: "send throws a FrameError of the local side for a frame longer than maxFrameBytes, and the channel goes on without it", saying: /should give a FrameError, got undefined/,
    transport: () => ({ ...memory(), traits: sound().traits }),
  },
  {
    fault: "dies of a frame that is too long", breaks: "send throws a FrameError of the local side for a frame longer than maxFrameBytes, and the channel goes on without it", saying: /did not hear 1 frames/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { send: (frame) => { try { return channel.send(frame); } catch (error) { channel.close(); throw error; } } })),
  },
];
