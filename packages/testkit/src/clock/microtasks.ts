/**
 * Lets every promise that is settled run its continuations, however long the chain: resolves in a later turn of the real event
 * loop. About 1 µs on Node.
 */
export function untilQuiet(): Promise<void> {
  return new Promise(later);
}

/** Lets promises run their continuations `rounds` links deep. About 0.05 µs per round: for millions of events. */
export async function untilDeep(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await settled;
}

const settled = Promise.resolve();

// Taken when the module loads, so that a test which fakes the global timers does not stop its own clock.
const immediate = (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate;
const later = immediate === undefined ? throughChannel() : (run: () => void): void => { immediate(run); };

/** In browsers: `setTimeout` would be held back to 4 ms, a message is not. */
function throughChannel(): (run: () => void) => void {
  return (run) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      run();
    });
    port1.start();
    port2.postMessage(null);
  };
}
