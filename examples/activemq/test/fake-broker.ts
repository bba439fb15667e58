import type { Channel, Frame, Transport } from "@holdfast/core";
import { parseEndpoint } from "@holdfast/core";
import { encode, type Headers } from "../src/stomp/frame.ts";

const bytes = (frame: Frame): string => (typeof frame === "string" ? frame : new TextDecoder().decode(frame));

/** The other end of a conversation, in the hand of a test: it says what it is told to. */
export class FakeBroker {
  /** What it heard on its latest connection, frame by frame. */
  heard: string[] = [];
  connections = 0;
  #channel: Channel | undefined;
  #greeting: Headers | undefined;

  static async listen(transport: Transport, uri: string, greeting?: Headers): Promise<FakeBroker> {
    const broker = new FakeBroker();
    broker.#greeting = greeting;
    await transport.listen?.(parseEndpoint(uri), { accept: (channel) => { broker.#accept(channel); } });
    return broker;
  }

  say(command: string, headers: Headers = {}, body = ""): void {
    this.#channel?.send(encode(command, headers, body));
  }

  beat(): void {
    this.#channel?.send(Uint8Array.of(0x0a));
  }

  /** Drops the connection, as a crash does. */
  drop(): void {
    this.#channel?.abort(new Error("crash"));
  }

  /** Values of a header in the frames of one command, in the order in which they came. */
  saw(command: string, header: string): readonly (string | undefined)[] {
    return this.heard.filter((frame) => frame.startsWith(`${command}\n`)).map((frame) => new RegExp(`^${header}:(.*)$`, "m").exec(frame)?.[1]);
  }

  #accept(channel: Channel): void {
    this.#channel = channel;
    this.heard = [];
    this.connections += 1;
    channel.receive({
      frame: (frame) => {
        this.heard.push(bytes(frame));
        if (this.#greeting && bytes(frame).startsWith("CONNECT\n")) this.say("CONNECTED", { version: "1.2", ...this.#greeting });
      },
      drained: () => {}, pong: () => {}, closed: () => {},
    });
  }
}
