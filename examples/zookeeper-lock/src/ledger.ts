/** A resource that several processes write to, one at a time as they hope. It refuses whoever comes with an older token than it has seen. */
export class Ledger {
  readonly lines: string[] = [];
  #latest = 0n;

  write(token: bigint, line: string): void {
    if (token < this.#latest) throw new Error("a newer holder has written already");
    this.#latest = token;
    this.lines.push(line);
  }
}
