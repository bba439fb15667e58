import { closeSync, fdatasync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";

/** What was done about one message, and where in its session it stood. */
export interface Receipt { readonly key: string; readonly sequence: number; readonly message: string }

const onDisk = promisify(fdatasync);

/**
 * A file of receipts outside of every store: what a handler really did. Keyed by session and sequence, so that doing it again changes nothing; several
 * processes may write one file in turn. A receipt counts when the disk has it.
 */
export class Receipts implements Disposable {
  readonly #file: number;
  readonly #known = new Map<string, string>();
  readonly #all: Receipt[] = [];
  #read = 0;
  #again = 0;

  constructor(path: string) {
    this.#file = openSync(path, "a+");
  }

  /** As they stand in the file, in the order in which they were written. */
  get all(): readonly Receipt[] {
    this.#catchUp();
    return this.#all;
  }

  /** How often a message was handled whose receipt was there already. */
  get again(): number {
    this.#catchUp();
    return this.#again;
  }

  /** A number that has a receipt for another message gets a second one, for the tally to find. */
  async put(key: string, sequence: number, message: string): Promise<void> {
    this.#catchUp();
    const known = this.#known.get(`${key} ${sequence}`) === message;
    writeSync(this.#file, `${JSON.stringify(known ? "again" : [key, sequence, message])}\n`);
    await onDisk(this.#file);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** What others have written since. */
  #catchUp(): void {
    const { size } = fstatSync(this.#file);
    if (size === this.#read) return;
    const bytes = Buffer.alloc(size - this.#read);
    const length = readSync(this.#file, bytes, 0, bytes.length, this.#read);
    const whole = bytes.subarray(0, bytes.lastIndexOf(10, length - 1) + 1); // Half a line is somebody at work.
    this.#read += whole.length;
    for (const line of whole.toString().split("\n")) if (line !== "") this.#note(line);
  }

  #note(line: string): void {
    const entry = JSON.parse(line) as "again" | [string, number, string]; // As `put` writes it.
    if (entry === "again") {
      this.#again += 1;
      return;
    }
    const [key, sequence, message] = entry;
    this.#known.set(`${key} ${sequence}`, message);
    this.#all.push({ key, sequence, message });
  }
}
