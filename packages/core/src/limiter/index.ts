export { dialLimiter, type DialLimiterOptions, type SharedLimiter } from "./dial-limiter.ts";
