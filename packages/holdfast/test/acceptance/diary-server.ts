// A server that writes down every message before it does anything else, so that the file outlives a kill -9.
import { framed } from "@holdfast/core";
import { Server } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { openSync, writeSync } from "node:fs";
import { tell } from "../../../bench/src/child.ts";

const [diary = "", scheme = "tcp"] = process.argv.slice(2);
const file = openSync(diary, "a");
const server = new Server({ protocol: framed(), heartbeat: "lan" });
server.on("peer", ({ peer }) => { peer.on("message", (message) => { writeSync(file, `${String(message)}\n`); }); });
const { endpoint } = await server.listen(scheme === "tcp" ? tcp() : websocket(), `${scheme}://127.0.0.1:0`);
tell({ uri: endpoint.uri });
