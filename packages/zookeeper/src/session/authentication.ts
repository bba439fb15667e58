import type { SessionError } from "../errors/session-error.ts";
import { authPacket, type Credentials } from "../protocol/packets.ts";

interface Identity { readonly credentials: Credentials; readonly answered: PromiseWithResolvers<void> | undefined }

/** Whom a session has authenticated as. Every server is told anew, in the same order; it answers in that order, too. */
export class Authentication {
  readonly #identities: Identity[];
  /** Answers on the present channel. */
  #answers = 0;

  constructor(known: readonly Credentials[]) {
    this.#identities = known.map((credentials) => ({ credentials, answered: undefined }));
  }

  /** What a fresh channel begins with. */
  greet(): readonly Buffer[] {
    this.#answers = 0;
    return this.#identities.map(({ credentials }) => authPacket(credentials));
  }

  /** One more. The packet is for the present channel, if there is one. The promise is kept by the first server that agrees. */
  add(credentials: Credentials): { readonly packet: Buffer; readonly agreed: Promise<void> } {
    const answered = Promise.withResolvers<void>();
    this.#identities.push({ credentials, answered });
    answered.promise.catch(() => { /* Told in `closed`, too. */ });
    return { packet: authPacket(credentials), agreed: answered.promise };
  }

  /** The server agrees with the next one. */
  agreed(): void {
    this.#identities[this.#answers]?.answered?.resolve();
    this.#answers += 1;
  }

  end(error: SessionError): void {
    for (const { answered } of this.#identities) answered?.reject(error);
  }
}
