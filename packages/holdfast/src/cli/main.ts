#!/usr/bin/env node
import { dispatch } from "./dispatch.ts";
import { guardOutput } from "./terminal.ts";

guardOutput();
process.exitCode = await dispatch(process.argv.slice(2), process);
