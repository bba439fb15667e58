// Sockets that keep a server waiting, in a process of their own: what they cost their own side is nobody's wait. Ends when whoever forked it does.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@holdfast/core";
import { openFrame } from "../keeper/scripted-client.ts";

/** Half of the sockets say nothing; the others a greeting, a byte a second, that is never complete. Thrown out, each comes back within two seconds. */
export interface CrowdOrder { readonly port: number; readonly from: string; readonly sockets: number }
export interface CrowdTold {
  /** Most that were connected at once, as they see it. */
  readonly held: number;
  /** Connections that the server ended, and the longest that it bore with one, in ms. */
  readonly ended: number;
  readonly longest: Millis;
}

class Crowd {
  held = 0;
  ended = 0;
  longest: Millis = 0;
  readonly #port: number;
  readonly #from: string;
  readonly #sockets = new Set<Socket>();

  constructor(port: number, from: string) {
    this.#port = port;
    this.#from = from;
  }

  join(silent: boolean): void {
    const greeting = openFrame();
    const socket = connect({ port: this.#port, host: "127.0.0.1", localAddress: this.#from });
    let began = Infinity;
    let said = 0;
    const dribble = setInterval(() => {
      // Its length, and all bytes but the last: then it waits, too.
      if (!silent && socket.writable && said < greeting.length) socket.write(Uint8Array.of(said === 0 ? greeting.length : greeting[said - 1] ?? 0));
      said += 1;
    }, 1_000);
    socket.on("connect", () => {
      began = performance.now();
      this.#sockets.add(socket);
      this.held = Math.max(this.held, this.#sockets.size);
    });
    socket.resume().on("error", () => { /* Thrown out. */ }).on("close", () => {
      clearInterval(dribble);
      this.#again(silent);
      if (!this.#sockets.delete(socket)) return; // It never got through.
      this.ended += 1;
      this.longest = Math.max(this.longest, performance.now() - began);
    });
  }

  #again(silent: boolean): void {
    setTimeout(() => { this.join(silent); }, 500 + Math.random() * 1_000);
  }
}

const { port, from, sockets } = JSON.parse(process.argv[2] ?? "") as CrowdOrder; // As `dribblers` writes it.
const crowd = new Crowd(port, from);
for (let at = 0; at < sockets; at += 1) {
  crowd.join(at % 2 === 0);
  if (at % 100 === 99) await sleep(20); // The queue of the operating system holds some five hundred.
}
const tell = (): void => { process.send?.({ held: crowd.held, ended: crowd.ended, longest: crowd.longest } satisfies CrowdTold); };
process.on("disconnect", () => { process.exit(); });
process.on("message", tell);
tell();
