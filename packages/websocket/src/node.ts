import { OptionError, type Endpoint, type Transport } from "@holdfast/core";
import { checkAddress } from "./address.ts";
import { listen } from "./listener.ts";
import { checkEndpoint, settingsOf } from "./settings.ts";
import { dial } from "./ws-dial.ts";
import type { WebSocketOptions } from "./websocket-options.ts";

/**
 * WebSocket channels on Node, over ws: dials `ws:` and `wss:` and listens on them. Text frames are strings, binary frames are
 * `Uint8Array`s. Pings are control frames, which every WebSocket peer answers by itself. Compression is off.
 *
 * Endpoints may carry `headers`, `protocols`, `statuses`, `agent`, `ca`, `cert`, `key`, `passphrase`, `servername` and `minVersion` of their own.
 *
 * Throws an `OptionError` for options that are wrong.
 */
export function websocket(options: WebSocketOptions = {}): Transport {
  const settings = settingsOf(options);
  const { maxFrameBytes } = settings;
  return {
    schemes: ["ws", "wss"],
    traits: { listens: true, drains: true, pauses: true, pings: true, text: true, maxFrameBytes },
    check: (endpoint) => { checkAddress(endpoint); checkPort(endpoint); checkEndpoint(endpoint); },
    dial: (endpoint, { signal }) => dial(endpoint, signal, settings),
    listen: (endpoint, asked) => listen(endpoint, asked, settings),
  };
}

/** Port 0 means "any" to a listener and nothing to a dialler. */
function checkPort(endpoint: Endpoint): void {
  if (endpoint.port === 0) throw new OptionError("endpoint", "a URI with a port from 1 to 65535", endpoint.label);
}
