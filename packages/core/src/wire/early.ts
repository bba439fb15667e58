import type { Frame } from "../ports/channel.ts";

/** Most frames, and most messages, that wait. */
const most = 64;

/** What arrives on a channel in reserve: frames before its conversation begins, messages before it is used. Bounded. */
export class Early<In> {
  readonly frames: Frame[] = [];
  readonly messages: In[] = [];

  /** False: there is no room. */
  keepFrame(frame: Frame): boolean {
    return this.frames.push(frame) <= most;
  }

  /** The oldest one makes room, and is given back. */
  keep(message: In): { readonly message: In } | undefined {
    if (this.messages.push(message) <= most) return undefined;
    return { message: this.messages.shift() as In }; // There are more than `most`.
  }
}
