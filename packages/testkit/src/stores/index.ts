export { sessionStoreSuite, type StoreSuiteOptions } from "./suite.ts";
export type { StoreFixture } from "./fixture.ts";
export type { DefineTest, TestFramework } from "../conformance/suite.ts";
