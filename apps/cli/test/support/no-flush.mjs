// Preloaded by `--import` into a process: its file system cannot flush.
import { open } from "node:fs/promises";

const file = await open(new URL(import.meta.url));
const prototype = Object.getPrototypeOf(file);
await file.close();
const refuse = () => Promise.reject(Object.assign(new Error("EINVAL"), { code: "EINVAL", syscall: "fsync" }));
Object.assign(prototype, { sync: refuse, datasync: refuse });
