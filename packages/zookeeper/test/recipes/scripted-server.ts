import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { framed, welcome, type Field } from "../wire.ts";

/** What a request is answered with, and what is said with it. */
export type Answer = (opcode: number, xid: number) => readonly Field[];

const closeSession = -11;

/** Grants every session, and says what the test wants. What belongs to one request leaves in one piece, so that the client reads it in one turn. */
export class ScriptedServer {
  readonly #answer: Answer;
  readonly #welcome: Field;
  readonly #server = createServer((socket) => { this.#serve(socket); });

  constructor(answer: Answer, granted: Field = welcome()) {
    this.#answer = answer;
    this.#welcome = granted;
  }

  /** Gives `host:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let rest: Buffer = Buffer.alloc(0);
    let greeted = false;
    socket.on("error", () => { /* The client has gone. */ });
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const packet = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + packet.length);
        const [xid, opcode] = [packet.readInt32BE(0), packet.readInt32BE(4)];
        if (greeted && opcode === closeSession) socket.end();
        else socket.write(Buffer.concat((greeted ? this.#answer(opcode, xid) : [this.#welcome]).map((frame) => framed(frame))));
        greeted = true;
      }
    });
  }
}
