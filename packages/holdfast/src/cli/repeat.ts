import type { Alarm, Clock, Millis } from "@holdfast/core";

/** Runs `act` every so often, the first time after one `interval`. Returns a function that stops it. */
export function repeat(clock: Clock, interval: Millis, act: () => void): () => void {
  let alarm: Alarm;
  const arm = (): void => {
    alarm = clock.alarm(clock.now() + interval, () => {
      arm();
      act();
    });
  };
  arm();
  return () => { alarm.cancel(); };
}
