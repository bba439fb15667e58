/** What came of the sessions, counted from files that both sides wrote and flushed to disk, outside of the store. */
export interface Tally {
  /** Where the sessions lived. */
  readonly store: "redis" | "memory";
  readonly kills: number;
  readonly messages: Count;
  readonly answers: Count;
  /** Messages that were handled by a server which died before the store knew, and by the next one again, which knew them by their number. */
  readonly repeated: number;
}
export interface Count { readonly sent: number; readonly received: number; readonly doubled: number; readonly lost: number; readonly inOrder: boolean }

/** What was sent is 1, 2, 3 … */
export function count(sent: number, received: readonly number[]): Count {
  const different = new Set(received).size;
  return { sent, received: received.length, doubled: received.length - different, lost: sent - different, inOrder: received.every((number, at) => number > (received[at - 1] ?? 0)) };
}

/** Servers were killed, and everything arrived once and in order. */
export function whole({ kills, messages, answers }: Tally): boolean {
  return kills > 1 && [messages, answers].every(({ sent, doubled, lost, inOrder }) => sent > 0 && doubled === 0 && lost === 0 && inOrder);
}

export function inWords({ store, kills, messages, answers, repeated }: Tally): string {
  const deed = store === "redis" ? "kill -9 of two servers that share a Redis" : "crash of two servers that share a store in memory (no redis-server is installed)";
  return `Sessions, through ${kills} times ${deed}: ${told(messages, "messages", "handled")}; ${told(answers, "answers", "heard")}.
${repeated} messages were in the hands of a server when it died, and done already: the next one knew them by their number.`;
}

function told({ sent, received, doubled, lost, inOrder }: Count, what: string, how: string): string {
  return `${sent} ${what} sent, ${received} ${how}, ${doubled} doubled, ${lost} lost${inOrder ? "" : ", OUT OF ORDER"}`;
}
