/** A clock that all processes of this machine share, in ms: moments of one may be compared with moments of another. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
