/** Runs a listener. One that throws breaks nothing here: its error surfaces as an uncaught one. */
export function tell(listeners: () => boolean): boolean {
  try {
    return listeners();
  } catch (error) {
    queueMicrotask(() => { throw error; });
    return true;
  }
}
