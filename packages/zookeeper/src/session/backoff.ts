import { custom, type Backoff, type Millis } from "@holdfast/core";

/** Mean wait between the first passes over the list: an election takes some hundred ms, and whoever sleeps a second through it is late. */
const short = 100;

/**
 * Waits between two passes over the servers: 50 to 150 ms for the first third of the session's timeout, then growing, to a
 * fortieth of it at most. An ensemble that was down for long expires nobody: it gives everybody a full timeout when it is back, so
 * there is no hurry, but whoever waits longer than that loses the session (as happens to kazoo, whose waits reach a minute).
 */
export function betweenPasses(timeout: Millis): Backoff {
  const quick = Math.ceil(timeout / 3 / short);
  const longest = Math.max(1.5 * short, timeout / 40);
  return custom((pass, dice) => {
    const mean = pass <= quick ? short : Math.min(longest, short * 1.5 ** (pass - quick));
    return mean * (0.5 + dice);
  });
}
