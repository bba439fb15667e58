/** The part of a browser's globals that is listened to here. */
interface Ears {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}
interface Page extends Ears { readonly document?: Ears & { readonly visibilityState?: string } }

/**
 * Tells when a page has a reason to look after its connections: the network is back, the tab is seen again, a frozen page goes on, or one comes back from
 * the cache of the browser. Its timers may have stood still for long, so nothing else would tell as soon. Returns a function that stops it. Where there is
 * no page, nothing happens.
 */
export function watchPage(awake: () => void, page: Page = globalThis as Page): () => void {
  const { document } = page;
  const seen = (): void => { if (document?.visibilityState !== "hidden") awake(); };
  const ears: readonly (readonly [Ears | undefined, string, () => void])[] = [
    [page, "online", awake], [page, "pageshow", awake], [document, "resume", awake], [document, "visibilitychange", seen],
  ];
  // Node has global listeners, too, as Deno and Bun do; without a document they are nobody's page. A worker has `online`.
  for (const [target, type, listener] of ears) target?.addEventListener?.(type, listener);
  return () => { for (const [target, type, listener] of ears) target?.removeEventListener?.(type, listener); };
}
