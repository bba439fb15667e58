import { keyOf } from "./plain.ts";

/** Of things that are equal there is one, so that whoever compares, numbers or remembers them needs to look at the thing alone. */
export class Pool<T extends object> {
  readonly #known = new Map<string, T>();
  readonly #key: (thing: T) => string;

  constructor(key: (thing: T) => string = keyOf) {
    this.#key = key;
  }

  /** The one that is equal to `thing`; `made` says that there was none. */
  one(thing: T, made: (thing: T, number: number) => void = () => {}): T {
    const key = this.#key(thing);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    made(thing, this.#known.size);
    this.#known.set(key, thing);
    return thing;
  }
}
