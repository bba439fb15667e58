/** Somebody said something. It is numbered in the session of whoever said it. */
export interface Said { readonly session: string; readonly number: number; readonly from: string; readonly text: string }
/** Who is in the room. */
export interface Present { readonly present: readonly string[] }
/** What servers tell, as JSON. */
export type Word = Said | Present;

/**
 * A server that is killed while it tells everybody leaves the rest to the next one, which begins again: somebody hears it twice, and knows it by its
 * number. The numbers of one session come in order, so the last one is all there is to remember.
 */
export class Ear {
  readonly #last = new Map<string, number>();
  repeats = 0;

  /** False: it was heard before. */
  isNew({ session, number }: Said): boolean {
    const fresh = number > (this.#last.get(session) ?? 0);
    if (fresh) this.#last.set(session, number);
    else this.repeats += 1;
    return fresh;
  }
}
