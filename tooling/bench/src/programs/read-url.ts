// One way to read a URL to an end, in a process of its own. Prints its counts as JSON.
import { createHash } from "node:crypto";
import { Agent, get } from "node:https";
import type { IncomingMessage } from "node:http";
import process from "node:process";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import { openTransfer } from "@carrel/node-stream";
import { Agent as UndiciAgent, request } from "undici";

/** Which way to where. */
export interface ReadInput {
  readonly way: "https.get" | "undici" | "fetch" | "openTransfer";
  readonly to: "nothing" | "gzip" | "hash";
  readonly url: string;
  readonly thumbprint: string;
  readonly connections: number;
}

const { way, to, url, thumbprint, connections } = JSON.parse(process.argv[2] ?? "{}") as ReadInput;
const source = await open();
const nowhere = new Writable({
  highWaterMark: 262_144,
  write(_chunk, _encoding, done) {
    done();
  },
});
// Compression at the lowest level: the stream is what is measured.
if (to === "gzip") await pipeline(source, createGzip({ level: 1, chunkSize: 65_536 }), nowhere);
else if (to === "hash") await pipeline(source, createHash("sha256"));
else await pipeline(source, nowhere);
process.stdout.write("{}");
process.exit();

async function open(): Promise<Readable> {
  // Peers accept every certificate; ours is pinned.
  if (way === "openTransfer") {
    return openTransfer({ uri: url, ssl_certificate_thumbprint: thumbprint }, { connectionsPerFile: connections });
  }
  if (way === "undici") {
    return (await request(url, { dispatcher: new UndiciAgent({ connect: { rejectUnauthorized: false } }) })).body;
  }
  if (way === "fetch") {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    const { body } = await fetch(url);
    if (body === null) throw new Error("The response has no body");
    return Readable.fromWeb(body as ReadableStream);
  }
  return await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: new Agent({ rejectUnauthorized: false }) }, resolve).on("error", reject);
  });
}
