import { Session, type Message, type Ticket } from "@holdfast/session";
import { constant, websocket } from "holdfast";
import { Ear, type Said, type Word } from "./word.ts";

/** Somebody in the room, without a page. */
export class Person {
  readonly name: string;
  readonly heard: Said[] = [];
  readonly ear = new Ear();
  said = 0;
  present: readonly string[] = [];
  #session: Session;
  readonly #options: { readonly endpoints: readonly string[] };

  constructor(name: string, endpoints: readonly string[]) {
    this.name = name;
    this.#options = { endpoints };
    this.#session = this.#attend();
  }

  get server(): string | undefined {
    return this.#session.snapshot().link.endpoint;
  }

  say(text: string): void {
    this.said += 1;
    this.#session.send(text); // Waits where no server is there.
  }

  /** What is said meanwhile waits in the store. The ticket could as well be read by another process. */
  async closeLaptop(): Promise<() => void> {
    const ticket = await this.#session.suspend();
    return () => { this.#session = this.#attend(ticket); };
  }

  leave(): Promise<void> {
    return this.#session.close();
  }

  #attend(ticket?: Ticket): Session {
    const session = new Session({ ...this.#options, transports: [websocket()], auth: this.name, backoff: constant(50), logger: false, ...(ticket && { ticket }) });
    session.receive((message: Message) => { this.#hear(JSON.parse(String(message)) as Word); });
    session.open().catch((error: Error) => { console.error(error.message); });
    return session;
  }

  #hear(word: Word): void {
    if ("present" in word) this.present = word.present;
    else if (this.ear.isNew(word)) this.heard.push(word);
  }
}
