import { ConnectError, LinkError, type Conversation, type Frame, type Line, type Millis, type Protocol, type Role, type Terms } from "@holdfast/core";
import { bad, decode, encode, type StompFrame } from "./frame.ts";
import { stompFraming } from "./framing.ts";

export interface StompOptions {
  readonly login?: string;
  readonly passcode?: string;
  /** The virtual host; ActiveMQ ignores it. @default "/" */
  readonly host?: string;
  /** We are ready to be heard this often. 0: not at all. @default 5000 */
  readonly sendEvery?: Millis;
  /** We want to hear the broker this often. 0: not at all. @default 5000 */
  readonly hearEvery?: Millis;
}

/** A frame as `encode()` makes it, and the channel that it is meant for: on any other it would be wrong, and is not sent. */
export interface Outgoing { readonly epoch: number; readonly bytes: Uint8Array }

/** ActiveMQ looks whether to beat once per interval and skips it if it wrote anything since: two beats may be 2 intervals apart. One more is our margin. */
const maxMisses = 3;

/** STOMP 1.2, the client's side. Throws a `FrameError` for credentials that the greeting cannot carry. */
export function stomp(options: StompOptions = {}): Protocol<Outgoing, StompFrame> {
  const { login, passcode, host = "/", sendEvery = 5_000, hearEvery = 5_000 } = options;
  const greeting = encode("CONNECT", { "accept-version": "1.2", host, "heart-beat": `${sendEvery},${hearEvery}`, ...(login !== undefined && { login }), ...(passcode !== undefined && { passcode }) });
  return {
    framing: stompFraming, pings: true, standby: "greeted",
    start: (line, role) => new Stomp(line, role, greeting, { sendEvery, hearEvery }),
    size: ({ bytes }) => bytes.length,
  };
}

type Beats = Required<Pick<StompOptions, "sendEvery" | "hearEvery">>;

class Stomp implements Conversation<Outgoing> {
  readonly #line: Line<StompFrame>;
  readonly #role: Role;
  readonly #beats: Beats;
  #greeted = false;

  constructor(line: Line<StompFrame>, role: Role, greeting: Uint8Array, beats: Beats) {
    this.#line = line;
    this.#role = role;
    this.#beats = beats;
    line.send(greeting);
  }

  frame(frame: Frame): void {
    const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : frame;
    if (bytes.length <= 1) return; // A heart-beat: that it arrived is all it says.
    const heard = decode(bytes);
    if (heard.command === "ERROR") this.#refused(heard);
    else if (heard.command === "CONNECTED") this.#greet(heard);
    else if (this.#greeted) this.#line.message(heard);
    else throw bad("it talks before it greets");
  }

  send({ epoch, bytes }: Outgoing): boolean {
    return epoch === this.#role.epoch ? this.#line.send(bytes) : true;
  }

  ping(): void { this.#line.send("\n"); }
  close(): void { this.#line.send(encode("DISCONNECT", {})); }
  closed(): void { /* Nothing is kept. */ }

  #greet({ headers }: StompFrame): void {
    if (headers.get("version") !== "1.2") throw bad(`it speaks version ${headers.get("version") ?? "1.0"}`);
    this.#greeted = true;
    this.#line.greeted(agree(this.#beats, headers.get("heart-beat") ?? "0,0"));
  }

  /** The broker hangs up after an ERROR, so we do. Whoever sent what it is about may look at it first. */
  #refused(heard: StompFrame): void {
    const { label } = this.#role.remote;
    const said = heard.headers.get("message")?.slice(0, 200) ?? "without a word";
    if (this.#greeted) {
      this.#line.message(heard);
      this.#line.fail(new LinkError("HF_CLOSED_BY_PEER", `${label} ended the connection with an ERROR: ${said}`));
    } else if (/^[\w.$]+(Exception|Error)\b/.test(new TextDecoder().decode(heard.body.subarray(0, 200)))) {
      // The trace of a failure. Those of a wrong login have none; STOMP has no codes to tell one from the other.
      this.#line.fail(new ConnectError("HF_REFUSED", label, `${label} could not let us in: ${said}`, { next: "elsewhere" }));
    } else {
      // Not in its words: they name the user.
      this.#line.fail(new ConnectError("HF_REFUSED", label, `${label} refused to let us in: check login and passcode`, { next: "stop" }));
    }
  }
}

/** Each direction beats as often as the slower of both sides says; 0 from either side: not at all. */
function agree({ sendEvery, hearEvery }: Beats, theirs: string): Terms {
  const [, can, wants] = /^(\d{1,9}),(\d{1,9})$/.exec(theirs) ?? refuse();
  const slower = (ours: Millis, other: Millis): Millis => (ours === 0 || other === 0 ? Infinity : Math.max(ours, other));
  // Twice as often as we promised: the broker counts from when it hears us, not from when we beat.
  return { answered: false, maxMisses, sendWithin: slower(sendEvery, Number(wants)) / 2, hearWithin: slower(hearEvery, Number(can)) };
}

function refuse(): never {
  throw bad("its heart-beat header is not two numbers");
}
