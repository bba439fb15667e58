export type Package = "core" | "zookeeper" | "session";

/** A way to break a package, which its unit tests must notice. */
export interface Mutant {
  readonly name: string;
  /** @default 'core' */
  readonly in?: Package;
  /** Inside the package's src. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}
