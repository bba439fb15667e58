export { delimiter } from "./delimiter.ts";
export { lengthPrefix, type LengthPrefixOptions } from "./length-prefix.ts";
export { lines, type LinesOptions } from "./lines.ts";
export { raw } from "./raw.ts";
export { unfinished, type CountingFramer } from "./unfinished.ts";
export { varint } from "./varint.ts";
