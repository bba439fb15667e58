import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The effects of jobs, outside of the store: for each a file that can be made only once. */
export class Receipts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Does a job, unless it was done: then false. A session and a number in it make the key. */
  write(session: string, sequence: number, job: string): boolean {
    let file: number;
    try {
      file = openSync(join(this.#folder, `${session.slice(0, 16)}-${sequence}`), "wx");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
    writeSync(file, job);
    fsyncSync(file);
    closeSync(file);
    return true;
  }

  /** The jobs that were done. */
  get jobs(): readonly string[] {
    return readdirSync(this.#folder).map((name) => readFileSync(join(this.#folder, name), "utf8"));
  }
}
