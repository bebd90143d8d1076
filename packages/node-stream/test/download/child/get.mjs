// Downloads an item in a process of its own, to be limited or killed. Says in lines of JSON what happens.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { endpoint, username, password, itemId, folder, options, more = {} } = JSON.parse(process.argv[2]);
const { clockShiftMs, stopBefore, times } = more;
// Its own idea of what time it is.
if (clockShiftMs !== undefined) {
  const now = Date.now.bind(Date);
  globalThis.Date = class extends Date {
    constructor(...values) {
      super(...(values.length > 0 ? values : [now() + clockShiftMs]));
    }
    static now() {
      return now() + clockShiftMs;
    }
  };
}
// Held up once, before it changes a name: nothing runs any more until it is sent SIGCONT.
if (stopBefore !== undefined) {
  const { call, path } = stopBefore;
  const real = fs.promises[call];
  let isStopped = false;
  fs.promises[call] = (...paths) => {
    if (!isStopped && new RegExp(path).test(paths.filter((one) => typeof one === "string").join(" -> "))) {
      isStopped = true;
      process.kill(process.pid, "SIGSTOP");
    }
    return real(...paths);
  };
  syncBuiltinESMExports();
}
const { createClient, passwordAuth } = await import("@carrel/core");
const { downloadItem } = await import("@carrel/node-stream");
const { lockTimes } = await import("@carrel/node-stream/fs");
if (times !== undefined) Object.assign(lockTimes, times);

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

await using client = createClient({ endpoint, auth: passwordAuth({ username, password }) });
try {
  const task = downloadItem(client, itemId, folder, options);
  for await (const event of task) {
    if (["transferring", "resumed", "waiting"].includes(event.type)) say(event);
  }
  say({ type: "report", ...(await task.report) });
} catch (error) {
  say({ type: "failed", error: error.toJSON?.() ?? String(error) });
}
