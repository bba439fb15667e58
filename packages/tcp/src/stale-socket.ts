import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";

/**
 * A server that was killed leaves its socket file behind, and no other can listen there until it is removed. It is removed only
 * if it is a socket and nobody answers on it. Two servers that start at the same moment may still remove each other's: give each
 * a path of its own.
 */
export async function removeStale(path: string, signal: AbortSignal): Promise<void> {
  if (!(await isSocket(path)) || (await isAnswered(path, signal))) return;
  await unlink(path).catch(() => {}); // Listening will say what is wrong.
}

async function isSocket(path: string): Promise<boolean> {
  return lstat(path).then((file) => file.isSocket(), () => false);
}

/** True also when in doubt: only a refused connection proves that nobody is there. */
function isAnswered(path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, signal });
    socket.on("connect", () => { socket.destroy(); resolve(true); });
    socket.on("error", (error: Error & { readonly code?: string }) => { resolve(error.code !== "ECONNREFUSED"); });
  });
}
