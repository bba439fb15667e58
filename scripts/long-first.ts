import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Each takes most of a minute, and would be the last to end if it were the last to begin. */
const long = [
  "core/test/machine/enumeration.unit.test.ts", "core/test/schedules/schedules.unit.test.ts", "core/test/failover/round-trip.unit.test.ts",
  "session/test/redis/conformance.int.test.ts", "session/test/acceptance/kills.int.test.ts", "examples/test/examples.int.test.ts", "test-servers/test/ensemble.int.test.ts",
  "examples/test/demo.int.test.ts",
];

/** Begins with the files that take longest. Vitest does so by itself once it has seen a run on this machine; a fresh checkout, as in CI, would begin with those that are longest to read. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
