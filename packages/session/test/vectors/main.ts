import { writeFileSync } from "node:fs";
import { vectors } from "./vectors.ts";

writeFileSync(new URL("../../../../docs/spec/vectors/hfs1.json", import.meta.url), `${JSON.stringify(vectors(), undefined, 1)}\n`);
