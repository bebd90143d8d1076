// Downloads an item in a process of its own, to be limited or killed. Says in lines of JSON what happens.
import { createClient, passwordAuth } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";

const { endpoint, username, password, itemId, folder, options } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

await using client = createClient({ endpoint, auth: passwordAuth({ username, password }) });
try {
  const task = downloadItem(client, itemId, folder, options);
  for await (const event of task) {
    if (event.type === "transferring" || event.type === "resumed") say(event);
  }
  say({ type: "report", ...(await task.report) });
} catch (error) {
  say({ type: "failed", error: error.toJSON?.() ?? String(error) });
}
