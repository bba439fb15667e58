import type { EventName } from "../link/rig.ts";

/** An event of a link as a line of a transcript. */
export function eventWords(name: EventName, event: object = {}): string {
  const { endpoint, cause, error, message, why, reason, ...numbers } = event as { endpoint?: string; cause?: string; error?: { code: string }; message?: string; why?: string; reason?: string; attempt?: number; delay?: number; misses?: number; of?: number; unconfirmed?: number; from?: string; to?: string; within?: number };
  const where = endpoint?.replace("fake://", "");
  const code = error === undefined ? "" : ` (${error.code})`;
  switch (name) {
    case "migrated": return `moved from ${numbers.from?.replace("fake://", "")} to ${numbers.to?.replace("fake://", "")}: ${cause}${(numbers.unconfirmed ?? 0) > 0 ? `, ${numbers.unconfirmed} unconfirmed` : ""}`;
    case "connecting": return `connecting to ${where}, attempt ${numbers.attempt}`;
    case "failed": return `failed: ${where}${code}`;
    case "connected": return `connected to ${where}`;
    case "prepared": return `prepared: ${where}`;
    case "missed": return `missed ${numbers.misses} of ${numbers.of}`;
    case "suspected": return `suspected: ${where}${reason === undefined ? "" : `, because ${reason}`}`;
    case "disconnected": return `disconnected from ${where}: ${cause}${code}${(numbers.unconfirmed ?? 0) > 0 ? `, ${numbers.unconfirmed} unconfirmed` : ""}`;
    case "waiting": return `waiting ${numbers.delay} ms`;
    case "dropped": return `dropped ${message}: ${why}`;
    case "draining": return `draining: ${where} closes within ${numbers.within} ms`;
    case "closed": return `closed: ${cause}${code}`;
    default: return name;
  }
}
