// Preloaded by `--import` into a process: locks are watched long enough for the wait to be said.
import { lockTimes } from "@carrel/node-stream/fs";

Object.assign(lockTimes, { beatMs: 50, staleMs: 3_000 });
