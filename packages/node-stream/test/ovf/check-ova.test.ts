import { IntegrityError } from "@carrel/core";
import { hexDigest, sha256, writeTar } from "@carrel/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkOva } from "../../src/ovf/check-ova.ts";
import type { OvaFindings } from "../../src/ovf/check-ova.ts";

const sum = (name: string, content: Uint8Array): string => `SHA256(${name})= ${sha256(content)}\n`;

/** Checks an archive of which the server states only the length. */
async function check(archive: Buffer): Promise<OvaFindings | IntegrityError> {
  const read = (position: number, length: number): Promise<Uint8Array> =>
    Promise.resolve(archive.subarray(position, position + length));
  const digestOf = (algorithm: string, start: number, bytes: number): Promise<string> =>
    Promise.resolve(hexDigest(algorithm, archive.subarray(start, start + bytes)));
  const { signal } = new AbortController();
  const whole = { name: "x.ova", sizeBytes: archive.length, read, digestOf, signal };
  return checkOva(whole, { verifiedBy: "length", onContradiction: "error" }).catch((error: unknown) => {
    if (error instanceof IntegrityError) return error;
    throw error;
  });
}

const file = fc.record({
  name: fc.oneof(
    fc.constantFrom("a.ovf", "d.vmdk", "d.vmdk.000000000", "x.nvram", "e\u0301.vmdk", "D.vmdk"),
    fc.integer({ min: 90, max: 200 }).map((length) => "n".repeat(length)),
  ),
  content: fc.uint8Array({ maxLength: 2_000 }),
  nameIn: fc.constantFrom("header" as const, "pax" as const, "gnu" as const),
});
const files = fc
  .uniqueArray(file, { selector: ({ name }) => name, minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map((each) => (each.name.length > 99 && each.nameIn === "header" ? { ...each, nameIn: "pax" as const } : each)),
  );

test("checkOva never verifies, and never ignores, one wrong byte anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), async (all, at, change, place) => {
      const manifest = {
        name: "x.mf",
        content: Buffer.from(all.map(({ name, content }) => sum(name, content)).join("")),
      };
      const archive = writeTar(all.toSpliced(place % (all.length + 1), 0, { ...manifest, nameIn: "header" }));
      expect(await check(archive)).toMatchObject({ isVerified: true, doubts: [], report: { notes: [] } });
      const position = at % archive.length;
      archive.writeUInt8((archive[position] ?? 0) ^ change, position);
      const found = await check(archive);
      if (found instanceof IntegrityError) return;
      const { report, isVerified } = found;
      const notes = [...report.notes, ...report.manifests.flatMap((each) => each.notes)];
      const unnamed = report.manifests.flatMap((each) => each.unnamed);
      // What was verified is unchanged: only padding, times and owners, which no digest covers, may differ.
      if (isVerified) for (const { content } of all) expect(archive.includes(content)).toBe(true);
      else expect(notes.length + unnamed.length + Number(report.manifests.length === 0)).toBeGreaterThan(0);
    }),
    { numRuns: 600 },
  );
});

test("checkOva verifies an archive that is cut off anywhere only if nothing is missing", async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.double({ min: 0, max: 1, noNaN: true }), async (all, part) => {
      const manifest = all.map(({ name, content }) => sum(name, content)).join("");
      const archive = writeTar([{ name: "x.mf", content: manifest }, ...all]);
      const found = await check(archive.subarray(0, Math.floor(part * archive.length)));
      if (found instanceof IntegrityError || !found.isVerified) return;
      const { matched = [] } = found.report.manifests[0] ?? {};
      expect(matched.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
    }),
    { numRuns: 400 },
  );
});
