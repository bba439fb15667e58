import type { Channel, DialOptions, Endpoint, Listener, ListenOptions, Transport, TransportTraits } from "@holdfast/core";
import { checkDial, checkListen } from "./check.ts";
import { dial } from "./dial.ts";
import { listen } from "./listen.ts";
import { SpareBuffers } from "./spare-buffers.ts";
import { settingsOf, type Settings, type TcpOptions } from "./tcp-options.ts";

/**
 * Channels over `node:net`: `tcp://host:port`, `tls://host:port` and `unix:/path/of/the/socket`. Host names with several addresses
 * are dialled as RFC 8305 says (Happy Eyeballs). The default framing is `lines()`: plain text that any tool can speak.
 *
 * Throws an `OptionError` for an option that makes no sense.
 */
export function tcp(options: TcpOptions = {}): Transport {
  return new TcpTransport(settingsOf(options));
}

class TcpTransport implements Transport {
  readonly schemes: readonly string[] = ["tcp", "tls", "unix"];
  readonly traits: TransportTraits;
  readonly #settings: Settings;
  readonly #spare = new SpareBuffers();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.traits = { listens: true, drains: true, pauses: true, pings: false, text: false, maxFrameBytes: settings.maxFrameBytes };
  }

  check(endpoint: Endpoint): void {
    checkDial(endpoint, this.#settings.tls);
  }

  dial(endpoint: Endpoint, { signal, framing }: DialOptions): Promise<Channel> {
    return dial(endpoint, { ...this.#settings, framing: framing ?? this.#settings.framing }, this.#spare, signal);
  }

  async listen(endpoint: Endpoint, options: ListenOptions): Promise<Listener> {
    checkListen(endpoint, this.#settings.tls);
    return listen(endpoint, { ...this.#settings, framing: options.framing ?? this.#settings.framing }, this.#spare, options);
  }
}
