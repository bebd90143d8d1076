// Preloaded by `--import` into a process: locks are watched for a second and a half, not for as long as they are in earnest.
import { lockTimes } from "@carrel/node-stream/fs";

Object.assign(lockTimes, { beatMs: 50, staleMs: 1_500 });
