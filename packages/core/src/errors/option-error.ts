import { HoldfastError } from "./holdfast-error.ts";

/** A programmer's mistake, thrown synchronously where the option was given. */
export class OptionError extends HoldfastError {
  readonly option: string;
  readonly expected: string;

  /** `given` is shown as it is: pass a redacted value where it may hold a secret. */
  constructor(option: string, expected: string, given?: unknown) {
    super("HF_BAD_OPTION", `${option} must be ${expected}${given === undefined ? "" : `, got ${show(given)}`}`, { next: "stop" });
    this.option = option;
    this.expected = expected;
  }

  override get name(): string {
    return "OptionError";
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return typeof value === "function" ? "a function" : String(value);
}
