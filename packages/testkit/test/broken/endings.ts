import { isHoldfastError, LinkError, type Channel, type Frame, type Transport } from "@holdfast/core";
import { sound, type Fault } from "./fault.ts";
import { impatient } from "./impatient.ts";
import { tamperChannel, tamperHandler, tamperHandlers, tamperTransport } from "./tamper.ts";

/** Faults at the end of a channel. */
export const endings: readonly Fault[] = [
  {
    fault: "calls closed twice", breaks: "close leads to closed, exactly once and without an error, on both sides", saying: /was called 2 times/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error); handler.closed(error); } })),
  },
  {
    fault: "forgets closed after abort", breaks: "abort leads to closed, exactly once and with the error it was given", saying: /was not told of the end/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { if (error === undefined) handler.closed(); } })),
  },
  {
    fault: "gives closed an error of its own after abort", breaks: "abort leads to closed, exactly once and with the error it was given", saying: /should get the error that was given to abort/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error && new LinkError("HF_ABORTED", "aborted")); } })),
  },
  {
    fault: "reports an orderly goodbye as an error", breaks: "the peer's goodbye leads to closed, exactly once and without an error", saying: /an orderly end has no error/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error ?? new LinkError("HF_CLOSED_BY_PEER", "gone")); } })),
  },
  {
    fault: "reports the peer's abort with a bare Error", breaks: "the peer's abort leads to closed, exactly once", saying: /should be a HoldfastError, got Error: ECONNRESET/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(isHoldfastError(error) ? new Error("ECONNRESET") : error); } })),
  },
  {
    fault: "delivers a frame after closed", breaks: "nothing is called after closed", saying: /called after closed: frame/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error); handler.frame("late"); } })),
  },
  {
    fault: "throws from send after close", breaks: "after close, send returns false and nothing throws", saying: /should not throw, threw Error: not open/,
    transport: () => afterEnd((channel, frame, over) => { if (over) throw new Error("not open"); return channel.send(frame); }),
  },
  {
    fault: "returns true from send after abort", breaks: "after abort, send returns false and nothing throws", saying: /should return false right after it/,
    transport: () => afterEnd((channel, frame, over) => channel.send(frame) || over),
  },
  {
    fault: "drops what is not flushed at close", breaks: "close flushes what was sent", saying: /heard 0 frames of 64/,
    transport: () => tamperTransport(sound(), lazySender),
  },
  {
    fault: "loses frames that came before a goodbye when receive is late", breaks: "what the peer sent before its goodbye arrives before closed, also when receive comes late", saying: /heard 0 frames of 20/,
    transport: () => tamperTransport(sound(), impatient),
  },
  {
    fault: "tells nobody of an abort before receive", breaks: "a channel that was aborted before receive still calls closed, exactly once", saying: /was not told of the end/,
    transport: () => tamperTransport(sound(), (channel) => {
      const life = { over: false };
      return tamperChannel(channel, {
        abort: (error) => { life.over = true; channel.abort(error); },
        receive: (handler) => { if (!life.over) channel.receive(handler); },
      });
    }),
  },
];

/** Channels whose `send` knows whether they were closed. */
function afterEnd(send: (channel: Channel, frame: Frame, over: boolean) => boolean): Transport {
  return tamperTransport(sound(), (channel) => {
    const life = { over: false };
    return tamperChannel(channel, {
      send: (frame) => send(channel, frame, life.over),
      close: () => { life.over = true; channel.close(); },
      abort: (error) => { life.over = true; channel.abort(error); },
    });
  });
}

/** Sends a little later, and forgets it at close. */
function lazySender(channel: Channel): Channel {
  const queue: Frame[] = [];
  return tamperChannel(channel, {
    send: (frame) => {
      queue.push(frame);
      setTimeout(() => { for (const one of queue.splice(0)) channel.send(one); }, 0);
      return true;
    },
    close: () => { queue.length = 0; channel.close(); },
  });
}
