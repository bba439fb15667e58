import type { Channel, ChannelHandler, Transport } from "@holdfast/core";

/** A channel that behaves as the one given, except where `changes` says otherwise. */
export function tamperChannel(channel: Channel, changes: Partial<Channel>): Channel {
  return {
    remote: channel.remote,
    receive: (handler) => { channel.receive(handler); },
    send: (frame) => channel.send(frame),
    close: (farewell) => { channel.close(farewell); },
    abort: (error) => { channel.abort(error); },
    pause: () => { channel.pause?.(); },
    resume: () => { channel.resume?.(); },
    ping: () => { channel.ping?.(); },
    ...changes,
  };
}

/** A handler that passes everything on, except where `changes` says otherwise. */
export function tamperHandler(handler: ChannelHandler, changes: Partial<ChannelHandler>): ChannelHandler {
  return {
    frame: (frame) => { handler.frame(frame); },
    drained: () => { handler.drained(); },
    pong: () => { handler.pong(); },
    closed: (error) => { handler.closed(error); },
    ...changes,
  };
}

/** A transport whose channels, dialled and accepted, are tampered with. */
export function tamperTransport(transport: Transport, tamper: (channel: Channel) => Channel): Transport {
  return {
    ...transport,
    dial: async (endpoint, options) => tamper(await transport.dial(endpoint, options)),
    listen: (endpoint, options) => listen(transport)(endpoint, { ...options, accept: (channel) => { options.accept(tamper(channel)); } }),
  };
}

/** A transport whose handlers are tampered with. */
export function tamperHandlers(transport: Transport, tamper: (handler: ChannelHandler, channel: Channel) => ChannelHandler): Transport {
  return tamperTransport(transport, (channel) => tamperChannel(channel, { receive: (handler) => { channel.receive(tamper(handler, channel)); } }));
}

/** The memory transport listens; the type cannot know. */
export function listen(transport: Transport): NonNullable<Transport["listen"]> {
  if (transport.listen === undefined) throw new Error("this transport does not listen");
  return transport.listen.bind(transport);
}
