/**
 * One run of one way to read a file of an item into nothing, in a process of its own. Prints one line of JSON.
 * Arguments: way, URL of the vCenter, item id, user, password.
 */
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createClient, passwordAuth } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { openFile, openItemFile, openTransfer } from "@carrel/node-stream";

const [way = "", endpoint = "", itemId = "", username = "", password = ""] = process.argv.slice(2);
const name = "disk-0.vmdk";

function nowhere(): Writable {
  return new Writable({
    highWaterMark: 262_144,
    write(_chunk, _encoding, done) {
      done();
    },
  });
}

const client = createClient({ endpoint, auth: passwordAuth({ username, password }) });
const ways: Record<string, (lease: DownloadLease) => Promise<string>> = {
  async fetch(lease) {
    const { body } = await fetch((await lease.endpoint(name)).uri);
    if (body !== null) await pipeline(body, nowhere());
    return "nothing";
  },
  async openTransfer(lease) {
    const stream = openTransfer(await lease.endpoint(name), { proxy: false });
    await pipeline(stream, nowhere());
    return stream.facts?.verifiedBy ?? "";
  },
  async openFile(lease) {
    const stream = await openFile(lease, name, { proxy: false });
    await pipeline(stream, nowhere());
    return stream.facts?.verifiedBy ?? "";
  },
  async openItemFile() {
    const stream = await openItemFile(client, itemId, name, { proxy: false });
    await pipeline(stream, nowhere());
    return stream.facts?.verifiedBy ?? "";
  },
};

const read = ways[way];
if (read === undefined) throw new Error(`No such way: ${way}. One of ${Object.keys(ways).join(", ")}.`);
const lease = await client.lease(itemId);
// The server computes the checksum when it is first asked for it; that is not what is measured.
await lease.file(name);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const verifiedBy = await read(lease);
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
await client[Symbol.asyncDispose]();
process.stdout.write(`${JSON.stringify({ way, ms, cpuMs: (user + system) / 1000, verifiedBy })}\n`);
