import type { SimClock } from "@holdfast/testkit";
import type { Frame } from "../../src/ports/channel.ts";
import type { Conversation, Line, Protocol } from "../../src/ports/protocol.ts";
import type { FakeChannel } from "../link/fake-transport.ts";

/** What is spoken in transcripts: `hello` greets, `ping 3` is answered by `pong 3`, `leave 5000 1000` is a wish, the rest are messages. */
export const spoken: Protocol<string, string> = {
  pings: true,
  standby: "greeted",
  start: (line) => new Spoken(line),
};

class Spoken implements Conversation<string> {
  readonly #line: Line<string>;

  constructor(line: Line<string>) {
    this.#line = line;
  }

  frame(frame: Frame): void {
    const [word, ...numbers] = String(frame).split(" ");
    const [first = 0, second = 0] = numbers.map(Number);
    if (word === "hello") this.#line.greeted();
    else if (word === "pong") this.#line.pong(first);
    else if (word === "leave") this.#line.leave({ within: first, spread: second });
    else if (word === "goodbye") this.#line.done();
    else this.#line.message(String(frame));
  }

  send(message: string): boolean { return this.#line.send(message); }
  ping(nonce: number): void { this.#line.send(`ping ${nonce}`); }
  close(): void { this.#line.send("goodbye"); }
  closed(): void { /* Nothing is kept. */ }
}

/** The other end of one channel, as the transcript plays it: answers pings after 50 ms, until it keeps silent. */
export class Peer {
  readonly channel: FakeChannel;
  readonly #clock: SimClock;
  #answers = true;
  #talks = false;

  constructor(channel: FakeChannel, clock: SimClock, tell: (words: string) => void, name: string) {
    this.channel = channel;
    this.#clock = clock;
    channel.onSend = (frame) => {
      const text = String(frame);
      if (text === "goodbye") clock.arrival(clock.now() + 50, () => { channel.end(); });
      if (!text.startsWith("ping ")) tell(`${name} receives ${text}`);
      else if (this.#answers) clock.arrival(clock.now() + 50, () => { channel.deliver(`pong ${text.slice(5)}`); });
    };
  }

  silent(): void {
    this.#answers = this.#talks = false;
  }

  /** Sends data four times a second, and answers nothing. */
  talk(): void {
    this.#answers = false;
    this.#talks = true;
    const next = (): void => {
      if (!this.#talks || this.channel.state !== "open") return;
      this.channel.deliver("data");
      this.#clock.arrival(this.#clock.now() + 250, next);
    };
    this.#clock.arrival(this.#clock.now() + 250, next);
  }
}
