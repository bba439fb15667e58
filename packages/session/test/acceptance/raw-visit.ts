import { parseEndpoint, type Channel, type Frame } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { tcp } from "@holdfast/tcp";
import type { SessionFrame } from "../../src/frames/frame.ts";
import { decode } from "../../src/frames/decode.ts";

const transport = tcp({});

/** A connection of somebody who speaks frames by hand. */
export async function dialled(uri: string, hear: (frame: Uint8Array) => void, closed: () => void): Promise<Channel> {
  const channel = await transport.dial(parseEndpoint(uri), { signal: AbortSignal.timeout(10_000), framing: varint() });
  channel.receive({ frame: (frame: Frame) => { hear(frame as Uint8Array); }, drained: () => undefined, pong: () => undefined, closed }); // Over TCP frames are bytes.
  return channel;
}

/** Says one frame on a connection of its own, and returns what is answered until the server hangs up, or has answered something that is no refusal. */
export async function visit(uri: string, frame: Uint8Array): Promise<readonly SessionFrame[]> {
  const heard: SessionFrame[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const channel = await dialled(uri, (bytes) => {
    const answer = decode(bytes);
    if (typeof answer === "string") throw new Error(answer);
    heard.push(answer);
    if (answer.type !== "refused") resolve();
  }, resolve);
  channel.send(frame);
  const timer = setTimeout(resolve, 10_000);
  await promise;
  clearTimeout(timer);
  channel.abort(new Error("that was all"));
  return heard;
}
