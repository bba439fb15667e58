/** A program that runs on some machine. It may stand still for a while, and it may die and be started again. */
export class Process {
  readonly name: string;
  pausedUntil = 0;
  alive = true;
  /** Grows at each death: what an earlier life had planned never happens. */
  life = 0;
  /** From when to when it stood still. */
  pauses: (readonly [from: number, to: number])[] = [];

  constructor(name: string) {
    this.name = name;
  }

  pause(now: number, lasts: number): void {
    const from = Math.max(now, this.pausedUntil);
    const to = Math.max(from, now + lasts);
    if (to > from) this.pauses.push([from, to]);
    this.pausedUntil = to;
  }

  die(): void {
    this.alive = false;
    this.pauses = [];
    this.pausedUntil = 0;
    this.life += 1;
  }
}
