export { conformance, type ConformanceOptions, type DefineTest, type TestFramework } from "./suite.ts";
export { echoPeer, requests, type Fixture } from "./fixture.ts";
