import type { News } from "../store/store.ts";

export interface NumberedNews {
  readonly number: number;
  readonly news: News;
  /** Of a key: which holding of it the news are about. */
  readonly order: number;
}

/** What a script told: JSON, because keys and values may be any text. Undefined: not ours, or of a later version. */
export function parseNews(message: string): NumberedNews | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(message);
  } catch {
    return undefined; // Somebody else uses the channel.
  }
  if (!Array.isArray(parts) || typeof parts[0] !== "number") return undefined;
  const [number, type, ...rest] = parts as [number, ...unknown[]];
  const [first = "", second = "", session = "", epoch = "", value = ""] = rest.map(String);
  const news = ((): News | undefined => {
    switch (type) {
      case "appended": return { type, session: first, sent: Number(second) };
      case "attached": return { type, session: first, epoch: Number(second) };
      case "ended": return { type, session: first, why: second === "expired" ? "expired" : "closed" };
      case "key": return rest.length > 2 ? { type, key: first, now: { key: first, value, session, epoch: Number(epoch) } } : { type, key: first };
      default: return undefined;
    }
  })();
  return news === undefined ? undefined : { number, news, order: Number(second) };
}
