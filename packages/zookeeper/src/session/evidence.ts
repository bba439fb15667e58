import type { Millis } from "@holdfast/core";
import { sleep } from "@holdfast/core/engine";
import { SessionContestedError, SessionError } from "../errors/session-error.ts";
import { inquire, type Answer, type Inquirer } from "../servers/inquiry.ts";
import type { ServerList } from "../servers/server-list.ts";
import { isContested, suspect, unsuspected, worthAsking, type Loss } from "./contest.ts";

/** Whoever insists bears a fight so many times as long. */
const insistence = 10;
/**
 * A server is asked so many ms after it hung up. Until then the session is back elsewhere, as a rule, and it is for that moment that everybody waits: clients
 * that ask at once take the time of the servers they move to. No server is restarted, and no election is over, so soon (`finalizeWait` alone: 200 ms).
 */
const respite: Millis = 50;

export interface EvidenceOwner {
  /** In ms, as granted. */
  readonly timeout: Millis;
  readonly lastZxid: bigint;
  /** It is beyond doubt: the session cannot go on. */
  convicted(error: SessionError): void;
}

/**
 * Finds out why a server hung up, by asking it, while the link redials. Two things must not go on for ever: a session that two clients
 * take from each other, and a session that has seen more than any server knows, because the ensemble lost its data.
 */
export class Evidence {
  readonly #servers: ServerList;
  readonly #inquirer: Inquirer;
  readonly #owner: EvidenceOwner;
  readonly #patience: number;
  readonly #over = new AbortController();
  #suspicion = unsuspected;
  /** Greetings in a row that ended without an answer. */
  #refusals = 0;
  /** Servers that know less than we do. */
  #behind = new Set<string>();
  /** Inquiries are made one after the other. */
  #latest: Promise<void> = Promise.resolve();

  constructor(servers: ServerList, inquirer: Inquirer, takeover: boolean, owner: EvidenceOwner) {
    this.#servers = servers;
    this.#inquirer = inquirer;
    this.#owner = owner;
    this.#patience = takeover ? insistence : 1;
  }

  attached(): void {
    this.#refusals = 0;
    this.#behind.clear();
  }

  /** A connection that had been attached is lost. Before the round that may be the last, nobody is dialled until it is clear. */
  lost(server: string, loss: Omit<Loss, "serving">): void {
    const { timeout } = this.#owner;
    if (!worthAsking(loss, timeout)) {
      this.#suspicion = suspect(this.#suspicion, { ...loss, serving: false }, timeout);
      return;
    }
    const asked = this.#ask(server, ({ kind }) => {
      this.#suspicion = suspect(this.#suspicion, { ...loss, serving: kind === "serving" || kind === "secretive" }, timeout);
      if (isContested(this.#suspicion, this.#patience)) this.#owner.convicted(new SessionContestedError(this.#suspicion.rounds));
    });
    if (isContested(suspect(this.#suspicion, { ...loss, serving: true }, timeout), this.#patience)) this.#servers.hold(asked);
  }

  /** A server hung up on our greeting. Servers do so during an election, and to whoever knows more than they do. */
  refused(server: string): void {
    this.#refusals += 1;
    if (this.#owner.lastZxid === 0n || this.#refusals <= 2 * this.#servers.addresses.length) return;
    this.#servers.hold(this.#ask(server, (answer) => {
      if (answer.kind !== "serving") return void this.#behind.delete(server);
      if (answer.state.zxid >= this.#owner.lastZxid) return void this.#behind.delete(server);
      this.#behind.add(server);
      if (this.#servers.addresses.every((address) => this.#behind.has(address))) this.#owner.convicted(dataLost());
    }));
  }

  close(): void {
    this.#over.abort();
  }

  /** Never rejects. */
  #ask(server: string, judge: (answer: Answer) => void): Promise<void> {
    // Not behind the inquiries before: what is asked is what the server does now.
    const { signal } = this.#over;
    const asked = sleep(respite, this.#inquirer.clock, signal).then(() => inquire(this.#servers.uri(server), this.#inquirer, signal), (): Answer => ({ kind: "silent" }));
    this.#latest = this.#latest.then(async () => {
      const answer = await asked;
      if (!signal.aborted) judge(answer);
    });
    return this.#latest;
  }
}

function dataLost(): SessionError {
  return new SessionError("ZK_DATA_LOST", "every server is older than what this session has seen, so none takes it back: the ensemble has lost data, or these are other servers. Find out which, then make a new client");
}
