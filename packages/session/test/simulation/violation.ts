/** An invariant does not hold; its id is that of docs/concepts/sessions-checked.md. */
export class Violation extends Error {
  readonly id: string;

  constructor(id: string, words: string) {
    super(`${id}: ${words}`);
    this.id = id;
  }
}
