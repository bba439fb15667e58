import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

/** Numbers in a file, each on disk before anybody goes on: they are there whoever is killed. */
export class Ledger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(number: number): void {
    const file = openSync(this.#path, "a");
    writeSync(file, `${number}\n`);
    fsyncSync(file);
    closeSync(file);
  }

  /** The last one; 0 where there is none. Read from the file, for another process may have written it. */
  get last(): number {
    if (!existsSync(this.#path)) return 0;
    const file = openSync(this.#path, "r");
    const end = Buffer.alloc(20);
    const { size } = fstatSync(file);
    const length = readSync(file, end, 0, end.length, Math.max(0, size - end.length));
    closeSync(file);
    return Number(end.toString("utf8", 0, length).trimEnd().split("\n").at(-1));
  }

  get numbers(): readonly number[] {
    return existsSync(this.#path) ? readFileSync(this.#path, "utf8").trimEnd().split("\n").map(Number) : [];
  }
}
