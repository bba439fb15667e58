import type { LinkEffect, LinkReport } from "../../src/machine/link-state.ts";
import type { PulseEffect } from "../../src/machine/round-trip.ts";

/** An effect of a pulse in a few words, so that a table of steps can be read: `ping 2`, `missed 1/3`. */
export function pulseWords(effect: PulseEffect): string {
  switch (effect.type) {
    case "ping": return `ping ${effect.nonce}`;
    case "missed": return `missed ${effect.misses}/${effect.of}`;
    default: return effect.type;
  }
}

/** An effect of a link in a few words: `dial #1 a`, `hang up #1 (abort, timeout)`, `waiting 250 after 2`. */
export function linkWords(effect: LinkEffect): string {
  switch (effect.type) {
    case "resolve": return `resolve #${effect.epoch}`;
    case "dial": return `dial #${effect.epoch} [${effect.index}]`;
    case "greet": return `greet #${effect.epoch}${effect.duty === "active" ? "" : " as a standby"}`;
    case "probe": return `probe #${effect.epoch}`;
    case "hangUp": return `hang up #${effect.epoch} (${effect.how}, ${effect.cause})`;
    case "report": return reportWords(effect.report);
    default: return effect.type;
  }
}

function reportWords(report: LinkReport): string {
  switch (report.name) {
    case "connecting": return `connecting ${report.endpoint}, attempt ${report.attempt}`;
    case "failed": return `failed ${report.endpoint || "source"} in ${report.stage}, attempt ${report.attempt}`;
    case "connected": return `connected ${report.endpoint} #${report.epoch}`;
    case "prepared": return `prepared ${report.endpoint} #${report.epoch}`;
    case "migrated": return `migrated from ${report.from} to ${report.to} #${report.epoch}: ${report.cause}`;
    case "draining": return `draining ${report.endpoint} within ${report.within}`;
    case "disconnected": return `disconnected ${report.endpoint} #${report.epoch}: ${report.cause}`;
    case "waiting": return `waiting ${report.delay} after attempt ${report.attempt}`;
    default: return `closed: ${report.cause}`;
  }
}
