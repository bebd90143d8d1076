/**
 * One run of one way to read a URL into nothing, in a process of its own. Prints one line of JSON.
 * Arguments: way, url, thumbprint.
 */
import { createHash } from "node:crypto";
import { Agent, get } from "node:https";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ChecksumAlgorithm } from "@carrel/core";
import { openTransfer } from "@carrel/node-stream";
import { Agent as UndiciAgent, request } from "undici";

const [way = "", url = "", thumbprint = ""] = process.argv.slice(2);

function nowhere(): Writable {
  return new Writable({
    highWaterMark: 262_144,
    write(_chunk, _encoding, done) {
      done();
    },
  });
}

const ways: Record<string, () => Promise<unknown>> = {
  "https.get": () =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ rejectUnauthorized: false });
      get(url, { agent }, (response) => {
        pipeline(response, nowhere()).then(resolve, reject);
      }).on("error", reject);
    }),
  "https.get+sha256": () =>
    new Promise((resolve, reject) => {
      get(url, { agent: new Agent({ rejectUnauthorized: false }) }, (response) => {
        const hash = createHash("sha256");
        response.on("data", (chunk: Buffer) => hash.update(chunk));
        pipeline(response, nowhere()).then(resolve, reject);
      }).on("error", reject);
    }),
  "undici.request": async () => {
    const dispatcher = new UndiciAgent({ connect: { rejectUnauthorized: false }, allowH2: false });
    const { body } = await request(url, { dispatcher });
    await pipeline(body, nowhere());
    await dispatcher.destroy();
  },
  openTransfer: () => pipeline(openTransfer({ uri: url, ssl_certificate_thumbprint: thumbprint }), nowhere()),
};
for (const algorithm of ["SHA1", "SHA256", "SHA512", "MD5"] satisfies ChecksumAlgorithm[]) {
  ways[`openTransfer+${algorithm}`] = () =>
    pipeline(openTransfer({ uri: url, ssl_certificate_thumbprint: thumbprint }, { digests: [algorithm] }), nowhere());
}
ways["openTransfer4"] = () =>
  pipeline(openTransfer({ uri: url, ssl_certificate_thumbprint: thumbprint }, { connectionsPerFile: 4 }), nowhere());
ways["openTransfer+all"] = () =>
  pipeline(
    openTransfer(
      { uri: url, ssl_certificate_thumbprint: thumbprint },
      { digests: ["SHA1", "SHA256", "SHA512", "MD5"] },
    ),
    nowhere(),
  );

const run = ways[way];
if (run === undefined) throw new Error(`No such way: ${way}. One of ${Object.keys(ways).join(", ")}.`);
const started = performance.now();
await run();
const ms = performance.now() - started;
const { user, system } = process.cpuUsage();
const peakRssMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ way, ms, cpuMs: (user + system) / 1000, peakRssMiB })}\n`);
