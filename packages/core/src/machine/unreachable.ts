/** The end of every `switch` over a union: the compiler proves that nothing gets here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
