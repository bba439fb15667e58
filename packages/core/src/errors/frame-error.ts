import { HoldfastError } from "./holdfast-error.ts";

/**
 * A frame that breaks the rules, and whose fault it is. Codes: `HF_FRAME_TOO_LONG`, `HF_BAD_FRAME`, `HF_NOT_HOLDFAST`
 * (the peer does not speak the framed protocol).
 */
export class FrameError extends HoldfastError {
  readonly whose: "local" | "remote";

  constructor(code: string, whose: "local" | "remote", message: string, details?: ConstructorParameters<typeof HoldfastError>[2]) {
    super(code, message, details);
    this.whose = whose;
  }

  override get name(): string {
    return "FrameError";
  }
}
