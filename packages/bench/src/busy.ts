/** Blocks this loop: no timer rings and no socket is read. */
export function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) { /* As a program does that computes. */ }
}

/** Blocks this loop for `busy` of every `every` ms until it is stopped. */
export function blockRepeatedly(busy: number, every: number): () => void {
  let timer: NodeJS.Timeout;
  const again = (): void => {
    block(busy);
    timer = setTimeout(again, every - busy);
  };
  timer = setTimeout(again, every - busy);
  return () => { clearTimeout(timer); };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
