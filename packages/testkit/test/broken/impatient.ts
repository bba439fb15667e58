import type { Channel } from "@holdfast/core";
import { tamperChannel } from "./tamper.ts";

/** Reads at once, whether or not anybody wants to hear it. */
export function impatient(channel: Channel): Channel {
  const reader: { handler?: Parameters<Channel["receive"]>[0]; end?: { error?: Error } } = {};
  channel.receive({
    frame: (frame) => { reader.handler?.frame(frame); },
    drained: () => { reader.handler?.drained(); },
    pong: () => { reader.handler?.pong(); },
    closed: (error) => { reader.end = error === undefined ? {} : { error }; reader.handler?.closed(error); },
  });
  return tamperChannel(channel, { receive: (handler) => { reader.handler = handler; if (reader.end) handler.closed(reader.end.error); } });
}
