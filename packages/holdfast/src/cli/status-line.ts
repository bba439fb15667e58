import { fit, printable } from "./printable.ts";

/** The little of a terminal that a status line needs. */
export interface Screen {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const erase = "\r\u001B[2K";

/** The last line of a terminal, updated in place. It is away after `above`, until it is shown again. */
export class StatusLine {
  readonly #screen: Screen;
  #shown = "";

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Never longer than the terminal is wide: a wrapped line could not be taken away. */
  show(text: string): void {
    // A terminal that does not know its width says 0.
    const fitting = fit(printable(text), (this.#screen.columns || 80) - 1);
    if (fitting === this.#shown) return;
    this.#screen.write(`${erase}${fitting}`);
    this.#shown = fitting;
  }

  hide(): void {
    if (this.#shown !== "") this.#screen.write(erase);
    this.#shown = "";
  }

  /** Prints whole lines where it was. */
  above(lines: string): void {
    this.hide();
    this.#screen.write(lines);
  }
}
