import { randomBytes } from "node:crypto";
import { IntegrityError } from "@carrel/core";
import type { ChecksumInfo } from "@carrel/core";
import { hexDigest } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openItemFile, openTransfer } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(700_000);
const quick = { proxy: false, resumeDelayMs: 1 } as const;

/** A consumer that counts bytes is complete with the last of them, whatever follows. */
describe("openTransfer holds the last bytes back until all are verified", () => {
  test.for<TransferOptions>([{}, { connectionsPerFile: 3 }, { expect: { sizeBytes: file.length } }])(
    "%j",
    async (options) => {
      await using server = await startByteServer((request, response) => serveBytes(file, request, response));
      const answer = Promise.withResolvers<ChecksumInfo>();
      const asked = Promise.withResolvers<void>();
      const checksum = (): Promise<ChecksumInfo> => {
        asked.resolve();
        return answer.promise;
      };
      const stream = openTransfer(
        { uri: server.url() },
        { ...quick, ...options, expect: { ...options.expect, checksum } },
      );
      const seen = readAll(stream);
      await asked.promise;
      expect(stream.receivedBytes).toBe(file.length);
      expect(stream.consumedBytes).toBeLessThan(file.length);
      answer.resolve({ checksum: hexDigest("sha1", file) });
      expect((await seen).bytes.equals(file)).toBe(true);
      expect(stream.consumedBytes).toBe(file.length);
    },
  );

  test.for<TransferOptions>([{}, { connectionsPerFile: 3 }])(
    "and never delivers them where they are wrong: %j",
    async (options) => {
      await using server = await startByteServer((request, response) => serveBytes(file, request, response));
      const expected = { expect: { checksum: { algorithm: "SHA256", checksum: "1".repeat(64) } as const } };
      const seen = await readAll(openTransfer({ uri: server.url() }, { ...quick, ...options, ...expected }));
      expect(seen.error).toBeInstanceOf(IntegrityError);
      expect(seen.bytes.length).toBeLessThan(file.length);
    },
  );

  test("where only the session states the length, even too small a one", async () => {
    const sizeBytes = file.length;
    for (const stated of [sizeBytes, 300_000]) {
      const files = [{ name: "d.iso", bytes: file, states: { sizeBytes: stated } }];
      const report = { checksum: "always" } as const;
      await using desk = await openDesk({ files, report, transfer: { contentLength: false } });
      if (stated === sizeBytes) desk.simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 9 });
      const { bytes, error } = await readAll(
        await openItemFile(desk.client, desk.item.id, "d.iso", { ...quick, factsTimeoutMs: 0 }),
      );
      expect(error).toMatchObject({ code: "INTEGRITY", problem: stated === sizeBytes ? "digest" : "length" });
      expect(bytes.equals(file.subarray(0, bytes.length)) || stated === sizeBytes).toBe(true);
      if (stated === sizeBytes) expect(bytes.length).toBeLessThan(sizeBytes);
    }
  });
});
