import type { Happening } from "./queue.ts";
import { kinds } from "./queue.ts";
import { frames } from "./connection.ts";

const kindNames = Object.keys(kinds);
const frameNames = Object.keys(frames);

/** What happened in a schedule: a number that two runs of one seed agree on, and the story, where somebody wants to read it. */
export class Record {
  hash = 0x811c9dc5;
  readonly lines: string[] | undefined;

  constructor({ trace }: { readonly trace: boolean }) {
    this.lines = trace ? [] : undefined;
  }

  event({ at, kind, connection, what }: Happening): void {
    this.mix(kind + (connection?.epoch ?? 0) * 31, at);
    this.lines?.push(`${Math.round(at)} ${kindNames[kind]}${connection ? ` #${connection.epoch}` : ""}${kind === kinds.toClient || kind === kinds.toServer ? ` ${frameNames[what]}` : ""}`);
  }

  effect(words: () => string, weight: number): void {
    this.mix(weight, 0);
    this.lines?.push(`  ${words()}`);
  }

  mix(one: number, other: number): void {
    this.hash = Math.imul(this.hash ^ one, 0x01000193);
    this.hash = Math.imul(this.hash ^ Math.round(other * 8), 0x01000193);
  }
}
