import type { VerifiedBy } from "@carrel/core";
import { hexDigest, tarHeader, writeTar } from "@carrel/test-kit";
import type { TarEntry } from "@carrel/test-kit";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  record,
  shuffledSubarray,
} from "fast-check";
import { expect, test } from "vitest";
import type { DigestAlgorithm } from "@carrel/core/transfer";
import { ArchiveRecorder, NotRecorded } from "../../src/ovf/archive-recorder.ts";
import { checkOva } from "../../src/ovf/check-ova.ts";

const signal = new AbortController().signal;

function digestOf(algorithm: string, bytes: Uint8Array): string {
  return hexDigest(algorithm, bytes);
}

/** The result of checking the whole archive in memory. */
function checkWhole(archive: Buffer, verifiedBy: VerifiedBy): Promise<unknown> {
  const part = (start: number, length: number): Buffer => archive.subarray(start, start + length);
  return checkOva(
    {
      name: "p.ova",
      sizeBytes: archive.length,
      read: (start, length) => Promise.resolve(part(start, length)),
      digestOf: (algorithm, start, length) => Promise.resolve(digestOf(algorithm, part(start, length))),
      signal,
    },
    { verifiedBy, onContradiction: "error" },
  ).catch((error: unknown) => String(error));
}

/** The result of checking it after it was recorded in chunks. */
async function checkRecorded(archive: Buffer, verifiedBy: VerifiedBy, chunkBytes: number): Promise<unknown> {
  const recorder = new ArchiveRecorder();
  for (let at = 0; at < archive.length; at += chunkBytes) recorder.update(archive.subarray(at, at + chunkBytes));
  if (recorder.isGivenUp) return "given up";
  try {
    const archived = recorder.archive(archive.length);
    return await checkOva({ name: "p.ova", ...archived, signal }, { verifiedBy, onContradiction: "error" });
  } catch (error) {
    return error instanceof NotRecorded ? "given up" : String(error);
  }
}

test("ArchiveRecorder judges a streamed archive like one on disk", async () => {
  await assert(
    asyncProperty(
      record({
        sizes: array(constantFrom(0, 1, 511, 512, 513, 65_536, 65_537, 200_000), { minLength: 1, maxLength: 5 }),
        nameIn: constantFrom("header" as const, "pax" as const, "gnu" as const),
        algorithm: constantFrom<DigestAlgorithm>("sha1", "sha256", "sha512"),
        manifestAt: nat(5),
        flipAt: integer({ min: -1, max: 300_000 }),
        cutAt: integer({ min: -3, max: 100 }),
        hasManifest: boolean(),
        verifiedBy: constantFrom<VerifiedBy>("checksum", "length", "nothing"),
        chunkBytes: constantFrom(1_000_000, 4_096, 777, 512),
        named: shuffledSubarray([0, 1, 2, 3, 4]),
      }),
      async ({ sizes, nameIn, algorithm, manifestAt, flipAt, cutAt, hasManifest, verifiedBy, chunkBytes, named }) => {
        const files: TarEntry[] = sizes.map((size, index) => ({
          name: `disk-${index}.vmdk`,
          content: new Uint8Array(size).fill(index + 1),
          nameIn,
        }));
        const lines = named.flatMap((index) => {
          const file = files[index];
          return file === undefined
            ? []
            : [`${algorithm.toUpperCase()}(${file.name})= ${digestOf(algorithm, Buffer.from(file.content))}`];
        });
        if (hasManifest) files.splice(manifestAt, 0, { name: "p.mf", content: lines.join("\n"), nameIn });
        const written = writeTar(files);
        if (flipAt >= 0 && flipAt < written.length) written[flipAt] = (written[flipAt] ?? 0) ^ 1;
        const archive = cutAt >= 0 ? written.subarray(0, Math.floor((written.length * cutAt) / 100)) : written;
        const recorded = await checkRecorded(archive, verifiedBy, chunkBytes);
        // Unusual digests are not computed of members before the manifest.
        const isUnusual = algorithm === "sha512" && manifestAt > 0;
        if (recorded === "given up" && (isUnusual || flipAt >= 0)) return;
        expect(recorded).toEqual(await checkWhole(archive, verifiedBy));
      },
    ),
    { numRuns: 300 },
  );
});

test("ArchiveRecorder does not judge members in several places, and recognizes what is not an archive", async () => {
  const sparse = Buffer.concat([tarHeader({ name: "a", sizeBytes: 512, type: "S", isGnu: true }), Buffer.alloc(1536)]);
  expect(await checkRecorded(sparse, "nothing", 100)).toBe("given up");
  const link = Buffer.concat([
    tarHeader({ name: "a", sizeBytes: 512, type: "1", linkName: "b" }),
    Buffer.alloc(1536, 1),
  ]);
  expect(await checkRecorded(link, "nothing", 100)).toBe("given up");
  const text = Buffer.alloc(5_000, "not an archive ");
  const lost = Buffer.concat([Buffer.alloc(512, 1), writeTar([{ name: "a", content: "a" }])]);
  const empty = Buffer.concat([Buffer.alloc(512), writeTar([{ name: "a", content: "a" }])]);
  const large = Buffer.alloc(3_000_000, "not an archive ");
  for (const archive of [text, lost, empty, large, Buffer.alloc(0), Buffer.alloc(100), Buffer.alloc(3_000_000)]) {
    for (const verifiedBy of ["checksum", "length", "nothing"] as const) {
      expect(await checkRecorded(archive, verifiedBy, 1_000)).toEqual(await checkWhole(archive, verifiedBy));
    }
  }
});

test("ArchiveRecorder keeps a bounded number of bytes, whatever the headers claim", () => {
  const recorder = new ArchiveRecorder();
  const member = Buffer.concat([tarHeader({ name: "a", sizeBytes: 65_536 }), Buffer.alloc(65_536)]);
  for (let count = 0; count < 1_000 && !recorder.isGivenUp; count++) recorder.update(member);
  expect(recorder.isGivenUp).toBe(true);
  const huge = new ArchiveRecorder();
  huge.update(tarHeader({ name: "p.mf", sizeBytes: 8 ** 10 }));
  for (let count = 0; count < 1_000 && !huge.isGivenUp; count++) huge.update(Buffer.alloc(65_536));
  expect(huge.isGivenUp).toBe(true);
});
