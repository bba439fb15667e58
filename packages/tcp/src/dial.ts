import { ConnectError, type Channel, type Endpoint } from "@holdfast/core";
import { connect as connectPlain, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectSecure, type ConnectionOptions, type SecureContext } from "node:tls";
import { dialError } from "./dial-error.ts";
import { SocketChannel } from "./socket-channel.ts";
import type { SpareBuffers } from "./spare-buffers.ts";
import type { Settings } from "./tcp-options.ts";
import { contextOf, servernameOf, tlsOf, type TlsOptions } from "./tls-options.ts";

/** Rejects with a `ConnectError`, or with `signal.reason`; then the socket is destroyed already. */
export function dial(endpoint: Endpoint, settings: Settings, spare: SpareBuffers, signal: AbortSignal): Promise<Channel> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const secure = endpoint.scheme === "tls";
  return new Promise((resolve, reject) => {
    const socket = open(endpoint, settings); // What it throws rejects.
    let connected = false;
    const fail = (reason: unknown): void => {
      signal.removeEventListener("abort", aborted);
      socket.off("error", failed).off(secure ? "secureConnect" : "connect", succeeded);
      socket.on("error", () => {}); // Whatever it still has to say, the dial is over.
      socket.destroy();
      reject(reason);
    };
    const aborted = (): void => { fail(signal.reason); };
    const failed = (cause: Error): void => { fail(dialError(endpoint, cause, secure && connected)); };
    const succeeded = (): void => {
      signal.removeEventListener("abort", aborted);
      socket.off("error", failed);
      resolve(new SocketChannel(socket, { ...settings, remote: endpoint, framer: settings.framing.start(settings.maxFrameBytes), spare }));
    };
    signal.addEventListener("abort", aborted);
    socket.on("error", failed).once("connect", () => {
      connected = true;
      setImmediate(tune, socket, endpoint, settings); // In no hurry: its system calls would keep the greeting waiting.
    });
    socket.once(secure ? "secureConnect" : "connect", succeeded);
  });
}

/** With the defaults of Node where they are ours, too: Happy Eyeballs is one. */
function open(endpoint: Endpoint, { tls }: Settings): Socket {
  const { scheme, host, port, path } = endpoint;
  if (scheme === "unix") return connectPlain({ path });
  if (scheme === "tcp") return connectPlain({ host, port, autoSelectFamily: true });
  const own = tlsOf(tls, endpoint);
  const options: ConnectionOptions & Omit<TcpNetConnectOpts, "timeout"> = {
    host, port, autoSelectFamily: true, secureContext: readable(endpoint, own), ...servernameOf(own, endpoint),
    rejectUnauthorized: true, // Said aloud: otherwise the environment variable NODE_TLS_REJECT_UNAUTHORIZED decides.
  };
  return connectSecure(options);
}

/** For an endpoint that nobody has checked. */
function readable(endpoint: Endpoint, own: TlsOptions): SecureContext {
  try {
    return contextOf(own);
  } catch (cause) {
    throw new ConnectError("HF_TLS", endpoint.label, `the TLS options for ${endpoint.label} cannot be used (see \`cause\`): check ca, cert, key and passphrase`, { cause, next: "elsewhere" });
  }
}

function tune(socket: Socket, { scheme }: Endpoint, { noDelay, keepAlive }: Settings): void {
  if (scheme === "unix") return;
  socket.setNoDelay(noDelay);
  if (keepAlive !== false) socket.setKeepAlive(true, keepAlive);
}
