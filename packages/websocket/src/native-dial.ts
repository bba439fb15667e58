import { ConnectError, type Channel, type Endpoint } from "@holdfast/core";
import { freshCodes } from "./close-codes.ts";
import { NativeChannel, type NativeRules } from "./native-channel.ts";
import { isFresh, valueFor, type PerDial } from "./per-dial.ts";

/** Dials once with the native `WebSocket`. `common` are the transport's subprotocols; those of the endpoint replace them. */
export function dial(endpoint: Endpoint, signal: AbortSignal, common: PerDial<string | readonly string[]>, rules: NativeRules): Promise<Channel> {
  const { label, uri, options } = endpoint;
  const source = (options["protocols"] as typeof common | undefined) ?? common;
  return new Promise((resolve, reject) => {
    let ws: WebSocket | undefined;
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      if (ws !== undefined) ws.onopen = ws.onclose = null;
    };
    const fail = (reason: unknown): void => {
      settle();
      ws?.close();
      reject(reason);
    };
    const abort = (): void => { fail(signal.reason); };
    const open = (protocols: string | readonly string[]): void => {
      if (signal.aborted) return;
      const socket = ws = new WebSocket(uri, protocols as string[]); // It does not change them.
      socket.binaryType = "arraybuffer";
      socket.onopen = () => {
        settle();
        resolve(new NativeChannel(socket, endpoint, isFresh(source) ? { ...rules, closeCodes: freshCodes(rules.closeCodes) } : rules));
      };
      socket.onclose = () => {
        fail(new ConnectError("HF_DIAL_FAILED", label, `could not connect to ${label}: scripts are not told why, see the browser's console`));
      };
    };
    // Its errors quote the address, with the secrets in it.
    const refuse = (): void => { fail(new ConnectError("HF_DIAL_FAILED", label, `cannot dial ${label} from here: check \`protocols\`, and that an https page dials wss`)); };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else valueFor("protocols", source, { endpoint, signal }).then((protocols) => { try { open(protocols); } catch { refuse(); } }, fail);
  });
}
