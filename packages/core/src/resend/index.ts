export { resend, type ResendOptions } from "./resend.ts";
export type { Confirming, InFlight, Mouth, Resend } from "../ports/resend.ts";
