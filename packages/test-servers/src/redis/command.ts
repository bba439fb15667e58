import { once } from "node:events";
import { connect } from "node:net";

/** What a server on 127.0.0.1 answers to one command of plain words; undefined when it does not within ten seconds, as a busy disk may take some. An error is answered with its `-` in front. */
export async function command(port: number, words: string): Promise<string | undefined> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.setTimeout(10_000, () => { socket.destroy(new Error("no answer")); });
  try {
    await once(socket, "connect");
    socket.write(`${words}\r\n`);
    let heard = "";
    for await (const chunk of socket) {
      heard += String(chunk);
      const reply = whole(heard);
      if (reply !== undefined) return reply;
    }
    return undefined;
  } catch {
    return undefined; // Nobody is there.
  } finally {
    socket.destroy();
  }
}

/** A reply of one line, or one bulk string, once all of it is there. */
function whole(heard: string): string | undefined {
  const end = heard.indexOf("\r\n");
  if (end === -1) return undefined;
  const line = heard.slice(0, end);
  if (!line.startsWith("$")) return line.startsWith("-") ? line : line.slice(1);
  const length = Number(line.slice(1));
  return heard.length >= end + 2 + length ? heard.slice(end + 2, end + 2 + length) : undefined;
}
