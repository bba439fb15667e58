import type { Sink } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";
import type { Operation } from "./operation.ts";

/** What the operations of one kind have in common. */
export interface Kind<T, Fields> {
  readonly name: string;
  readonly type: number;
  readonly safe: boolean;
  write(sink: Sink, fields: Fields): void;
  read(source: Source): T;
  readonly absent?: () => T;
}

/** An operation that is all in its fields. There may be a great many of these at once, so each holds no more than that. */
export class Ask<T, Fields> implements Operation<T> {
  readonly #kind: Kind<T, Fields>;
  readonly path: string;
  readonly #fields: Fields;

  constructor(kind: Kind<T, Fields>, path: string, fields: Fields) {
    this.#kind = kind;
    this.path = path;
    this.#fields = fields;
  }

  get name(): string {
    return this.#kind.name;
  }

  get type(): number {
    return this.#kind.type;
  }

  get safe(): boolean {
    return this.#kind.safe;
  }

  get absent(): (() => T) | undefined {
    return this.#kind.absent;
  }

  write(sink: Sink): void {
    this.#kind.write(sink, this.#fields);
  }

  read(source: Source): T {
    return this.#kind.read(source);
  }
}
