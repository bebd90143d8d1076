// The program that the tests bundle and run: downloads an item, and prints as JSON what arrived, and whether a thread computed
// digests.
import { createClient, passwordAuth } from "@carrel/core";
import { createNodeFetch, downloadItem } from "@carrel/node-stream";

const { CARREL_ENDPOINT, CARREL_USER, CARREL_PASSWORD, CARREL_THUMBPRINT, CARREL_ITEM, CARREL_FOLDER } = process.env;
const threads = [];
process.on("worker", (worker) => threads.push(worker));

async function main() {
  const fetch = createNodeFetch({ thumbprint: CARREL_THUMBPRINT, proxy: false });
  const auth = passwordAuth({ username: CARREL_USER, password: CARREL_PASSWORD });
  const client = createClient({ endpoint: CARREL_ENDPOINT, auth, fetch });
  let hasThread = false;
  try {
    const task = downloadItem(client, CARREL_ITEM, CARREL_FOLDER);
    for await (const { type, file } of task) {
      if (type === "finished" && file === "large.iso") hasThread = threads.some(({ threadId }) => threadId > 0);
    }
    const { files } = await task.report;
    console.log(JSON.stringify({ files: files.map(({ name, verifiedBy }) => [name, verifiedBy]), hasThread }));
  } finally {
    await client[Symbol.asyncDispose]();
    await fetch[Symbol.asyncDispose]();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
