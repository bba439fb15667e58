import type { Receipt } from "./receipts.ts";

/** What became of messages that were accepted. */
export interface Tally {
  readonly accepted: number;
  readonly lost: number;
  /** Receipts for a message that has one, or for one that nobody sent. */
  readonly doubled: number;
  /** Receipts that stand behind one that should have come later, by number or by content. */
  readonly reordered: number;
}

/** Compares what was accepted, in order, with the receipts of one session. `accepted` are those of one sender: the receipts of others are passed by. */
export function tally(accepted: readonly string[], receipts: readonly Receipt[], isOurs: (message: string) => boolean = () => true): Tally {
  const places = new Map(accepted.map((message, at) => [message, at]));
  const seen = new Set<number>();
  let [doubled, reordered, latest, sequence] = [0, 0, -1, 0];
  for (const receipt of receipts) {
    const early = receipt.sequence <= sequence;
    sequence = Math.max(sequence, receipt.sequence);
    if (!isOurs(receipt.message)) continue;
    const place = places.get(receipt.message);
    if (place === undefined || seen.has(place)) {
      doubled += 1;
      continue;
    }
    if (early || place < latest) reordered += 1;
    latest = Math.max(latest, place);
    seen.add(place);
  }
  return { accepted: accepted.length, lost: accepted.length - seen.size, doubled, reordered };
}

export function together(tallies: readonly Tally[]): Tally {
  const sum = (name: keyof Tally): number => tallies.reduce((total, one) => total + one[name], 0);
  return { accepted: sum("accepted"), lost: sum("lost"), doubled: sum("doubled"), reordered: sum("reordered") };
}

/** Everything once, and in order. */
export function flawless({ lost, doubled, reordered }: Tally): boolean {
  return lost + doubled + reordered === 0;
}
