// All files of an item in an S3-compatible object store.
// Usage: AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... node src/s3.ts LIBRARY ITEM s3://BUCKET/PREFIX [https://STORE:PORT]
import { downloadItem } from "@carrel/node-stream";
import type { FileReport } from "@carrel/node-stream";
import { S3Sink } from "@carrel/s3";
import { connect, findItem } from "./vcenter.ts";
import type { Vcenter } from "./vcenter.ts";

/** An object appears under its name only once the whole file was verified; a run that was killed is resumed by the next. */
export async function toStore(
  { client, pool }: Vcenter,
  { itemId, target, endpoint }: { itemId: string; target: string; endpoint?: string },
): Promise<readonly FileReport[]> {
  const sink = new S3Sink(target, endpoint === undefined ? {} : { endpoint });
  await using task = downloadItem(client, itemId, sink, { pool, requireVerified: true });
  for await (const event of task) {
    if (event.type === "transferring") console.log(event.file, event.receivedBytes, "of", event.totalBytes ?? "?");
  }
  return (await task.report).files;
}

if (import.meta.main) {
  const [library = "", item = "", target = "", endpoint] = process.argv.slice(2);
  await using vcenter = connect();
  const itemId = await findItem(vcenter.client, library, item);
  const files = await toStore(vcenter, { itemId, target, ...(endpoint !== undefined && { endpoint }) });
  for (const { name, verifiedBy } of files) console.log(`${target}/${name}: verified by ${verifiedBy}`);
}
