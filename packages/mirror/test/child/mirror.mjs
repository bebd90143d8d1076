// Mirrors a library in a process of its own, which kills itself before a certain change of the disk.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { endpoint, username, password, libraryId, directory, options, killBefore, across } = JSON.parse(process.argv[2]);
let changes = 0;
for (const call of ["link", "mkdir", "open", "rename", "rm", "rmdir", "unlink"]) {
  const real = fs.promises[call];
  fs.promises[call] = (...args) => {
    if (changes === killBefore) process.kill(process.pid, "SIGKILL");
    changes += 1;
    // As if backups were on another file system.
    if (across && call === "link") return Promise.reject(Object.assign(new Error("link"), { code: "EXDEV" }));
    return real(...args);
  };
}
syncBuiltinESMExports();
const { createClient, passwordAuth } = await import("@carrel/core");
const { mirrorLibrary } = await import("@carrel/mirror");

await using client = createClient({ endpoint, auth: passwordAuth({ username, password }) });
await mirrorLibrary(client, libraryId, directory, options).report;
