import { connect } from "node:net";

/** What a server answers to `srvr`, `ruok`, `cons`, …; undefined when it does not within the time, in ms: a busy machine may take a second for it. */
export function ask(port: number, word: string, within = 5_000): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let answer = "";
  const socket = connect({ port, host: "127.0.0.1" });
  socket.setEncoding("latin1");
  const timer = setTimeout(() => { socket.destroy(); }, within);
  socket.on("connect", () => { socket.write(word); });
  socket.on("data", (part: string) => { answer += part; });
  socket.on("error", () => { /* `close` follows. */ });
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(answer === "" ? undefined : answer);
  });
  return promise;
}
