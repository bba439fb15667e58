import type { Socket } from "node:net";

/**
 * Ends a socket by RST. While the system is told of the end of its stream, libuv refuses a reset (EINVAL) and Node never says `close`: there
 * it waits for that, which is over in a turn of the loop.
 */
export function reset(socket: Socket): void {
  const parting = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (parting) socket.once("finish", () => { socket.resetAndDestroy(); });
  else socket.resetAndDestroy();
}
