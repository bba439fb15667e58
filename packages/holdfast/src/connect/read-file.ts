import { open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ConnectError } from "@holdfast/core";
import type { ReadText } from "@holdfast/core/failover";

/** Reads a list of endpoints from a file: a `file:` URL or a path. Not from a pipe or a device, where reading may never end. */
export const readFile: ReadText = async (where, { signal, maxBytes }) => {
  const path = /^file:/i.test(where) ? pathOf(where) : where;
  if (!(await stat(path)).isFile()) throw unreadable("it is no file"); // Before it is opened: to open a pipe may take for ever.
  await using file = await open(path, "r");
  signal.throwIfAborted();
  const buffer = new Uint8Array(maxBytes + 1);
  let size = 0;
  for (let got = await file.read(buffer); got.bytesRead > 0; got = await file.read(buffer, size)) {
    size += got.bytesRead;
    if (size > maxBytes) throw unreadable(`it is longer than ${maxBytes} bytes`);
  }
  return new TextDecoder().decode(buffer.subarray(0, size));
};

/** ActiveMQ's users write `file:list.txt` for a file beside the program, too. */
function pathOf(url: string): string {
  const [, rest = ""] = /^file:(.*)$/is.exec(url) ?? [];
  return rest.startsWith("/") ? fileURLToPath(url) : rest;
}

function unreadable(why: string): ConnectError {
  return new ConnectError("HF_NO_ENDPOINT", "", why);
}
