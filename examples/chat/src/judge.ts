import type { Person } from "./person.ts";

/** Did somebody hear everything that was said, once, and the words of each in the order in which they were said? */
export function judge({ name, heard }: Person, said: number): { readonly words: string; readonly well: boolean } {
  const different = new Set(heard.map(({ session, number }) => `${session} ${number}`)).size;
  const twice = heard.length - different;
  const counts = new Map<string, number>();
  const astray = heard.filter(({ from, text }) => {
    const count = (counts.get(from) ?? 0) + 1;
    counts.set(from, count);
    return text !== `This is my ${count}.`;
  }).length;
  return { words: `${name} heard ${different} of ${said} messages, ${twice} twice, ${astray} out of order`, well: different === said && twice === 0 && astray === 0 };
}
