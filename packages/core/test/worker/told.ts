/** What the worker tells the page when its conversation is over. */
export interface Told {
  /** Whether it really was a worker, without a document. */
  readonly document: boolean;
  /** Messages and events, in order. */
  readonly heard: readonly string[];
}
