import { FrameError } from "../errors/frame-error.ts";
import type { Frame } from "../ports/channel.ts";
import type { Conversation, Line, Protocol } from "../ports/protocol.ts";
import { asText } from "./plain.ts";

/** `T`, but never inferred from here. A ping is one message of many, not what they all look like. (`NoInfer` forgets which of a union's members a literal is.) */
type Given<T> = [T][T extends unknown ? 0 : never];

export interface JsonOptions<Out, In> {
  /** The ping the peer understands: a message, or a function of a number that the answer may carry back. Without it the transport must ping. */
  readonly ping?: Given<Out> | ((nonce: number) => Given<Out>);
  /** Is this message the answer to a ping? True, or the number it carries back. Answers are not delivered. */
  readonly pong?: (message: In) => boolean | number;
  /** The peer pings too: gives the answer to such a message, undefined for all others. Pings are not delivered. */
  readonly answer?: (message: In) => Given<Out> | undefined;
}

/** Messages are JSON values, one per frame. A frame that is not JSON ends the channel. */
export function json<Out = unknown, In = unknown>(options: JsonOptions<Out, In> = {}): Protocol<Out, In> {
  return {
    pings: options.ping !== undefined && options.pong !== undefined,
    standby: "greeted",
    size: (message) => (JSON.stringify(message) ?? "").length,
    start: (line) => options.ping !== undefined && options.pong !== undefined ? new PingingJson(line, options) : new Json(line, options),
  };
}

class Json<Out, In> implements Conversation<Out> {
  readonly #line: Line<In>;
  readonly #options: JsonOptions<Out, In>;

  constructor(line: Line<In>, options: JsonOptions<Out, In>) {
    this.#line = line;
    this.#options = options;
    line.greeted();
  }

  frame(frame: Frame): void {
    const message = parse(frame) as In; // The edge of the typed world: what the peer sends is what the user declared.
    const proof = this.#options.pong?.(message) ?? false;
    if (proof !== false) {
      this.#line.pong(proof === true ? undefined : proof);
      return;
    }
    const answer = this.#options.answer?.(message);
    if (answer === undefined) this.#line.message(message);
    else this.send(answer);
  }

  send(message: Out): boolean {
    const encoded = JSON.stringify(message) as string | undefined;
    if (encoded === undefined) throw new FrameError("HF_BAD_FRAME", "local", "this message has no JSON form (undefined, a function or a symbol): send a JSON value");
    return this.#line.send(encoded);
  }

  close(): void { /* The transport's own goodbye is all there is. */ }
  closed(): void { /* Nothing is kept. */ }
}

class PingingJson<Out, In> extends Json<Out, In> {
  readonly #ping: JsonOptions<Out, In>["ping"];

  constructor(line: Line<In>, options: JsonOptions<Out, In>) {
    super(line, options);
    this.#ping = options.ping;
  }

  ping(nonce: number): void {
    const { ping } = { ping: this.#ping };
    this.send(typeof ping === "function" ? (ping as (nonce: number) => Out)(nonce) : (ping as Out));
  }
}

function parse(frame: Frame): unknown {
  try {
    return JSON.parse(asText(frame).replace(/^\u{feff}/u, "")); // Some write a byte order mark, and RFC 8259 lets us ignore it.
  } catch (cause) {
    throw new FrameError("HF_BAD_FRAME", "remote", "the peer sent a frame that is not JSON: is it the right endpoint, and the right protocol?", { cause });
  }
}
