// A process that starts an ensemble, says what it started, and waits to be killed.
import { Ensemble } from "../src/index.ts";

const ensemble = await Ensemble.start({ size: 2 });
ensemble.servers[1]?.freeze();
process.send?.({ pids: ensemble.servers.map(({ pid }) => pid), folder: ensemble.folder });
