import { parseEndpoint, type Channel, type Clock, type Millis, type Transport } from "@holdfast/core";
import { raw } from "@holdfast/core/framing";

/** The part that a server plays in its ensemble. */
export type ServerMode = "leader" | "follower" | "observer" | "standalone" | "read-only";

/** What a server says of itself. */
export interface ServerState {
  readonly mode: ServerMode;
  /** `3.8.0-…`; empty where it does not say. */
  readonly version: string;
  /** The last transaction it knows. */
  readonly zxid: bigint;
}

/** `silent`: nothing answered. `idle`: it answers but serves nobody, as during an election. `secretive`: it does not answer such questions. */
export type Answer = { readonly kind: "serving"; readonly state: ServerState } | { readonly kind: "idle" | "secretive" | "silent" };

export interface Inquirer { readonly transport: Transport; readonly clock: Clock; readonly timeout: Millis }

/**
 * Asks a server for its state by the four-letter word `srvr`, on a connection of its own (ZooKeeper Administrator's Guide, "The Four
 * Letter Words"; allowed by `4lw.commands.whitelist`, whose default is just this one). Never rejects.
 */
export async function inquire(uri: string, inquirer: Inquirer, signal?: AbortSignal): Promise<Answer> {
  return understand(await ask(uri, "srvr", inquirer, signal));
}

/** True when the server can serve writes: `isro` says `rw`. */
export async function canWrite(uri: string, inquirer: Inquirer, signal?: AbortSignal): Promise<boolean> {
  const text = (await ask(uri, "isro", inquirer, signal))?.trim();
  if (text === "rw" || text === "ro") return text === "rw";
  // Not allowed to say: then its state may be.
  const answer = await inquire(uri, inquirer, signal);
  return answer.kind === "serving" && answer.state.mode !== "read-only";
}

export function understand(text: string | undefined): Answer {
  if (text === undefined || text === "") return { kind: "silent" };
  const mode = /^Mode: (leader|follower|observer|standalone|read-only)/m.exec(text)?.[1];
  if (mode === undefined) return { kind: /not in the whitelist/.test(text) ? "secretive" : "idle" };
  return {
    kind: "serving",
    state: { mode: mode as ServerMode, version: /^Zookeeper version: ([^,\s]*)/m.exec(text)?.[1] ?? "", zxid: BigInt(/^Zxid: (0x[\da-f]+)/m.exec(text)?.[1] ?? 0) },
  };
}

/** What a server may say at most; the answers have a few hundred bytes. */
const longestAnswer = 65_536;

/** Undefined where there is no answer in time. */
async function ask(uri: string, word: string, { transport, clock, timeout }: Inquirer, outer?: AbortSignal): Promise<string | undefined> {
  const ended = new AbortController();
  const alarm = clock.alarm(clock.now() + timeout, () => { ended.abort(); });
  const signal = outer === undefined ? ended.signal : AbortSignal.any([ended.signal, outer]);
  let channel: Channel | undefined;
  try {
    channel = await transport.dial(parseEndpoint(uri), { signal, framing: raw() });
    return await answerOn(channel, word, signal);
  } catch {
    return undefined; // Whatever the reason: it did not answer.
  } finally {
    alarm.cancel();
    channel?.abort(new Error("asked and answered"));
  }
}

function answerOn(channel: Channel, word: string, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let text = "";
  signal.addEventListener("abort", () => { resolve(undefined); }, { once: true });
  channel.receive({
    frame: (frame) => {
      text += typeof frame === "string" ? frame : new TextDecoder().decode(frame);
      if (text.length > longestAnswer) resolve(undefined);
    },
    drained: () => {},
    pong: () => {},
    closed: () => { resolve(text); }, // A server answers and hangs up.
  });
  channel.send(word);
  return promise;
}
