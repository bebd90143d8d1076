import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHead } from "../src/record/record-text.ts";

const digest = { algorithm: "sha256", hex: "00" };
const file = { name: "debian.iso", sizeBytes: 1, verifiedBy: "checksum", digest };
const item = { id: "1", name: "Debian", directory: "debian", contentVersion: "3", files: [file] };
const record = { format: 1, library: { id: "l", name: "Images" }, items: [item] };

test("parseHead reads what a mirror wrote", () => {
  expect(parseHead(JSON.stringify(record))).toEqual(record);
});

test("parseHead returns undefined for any other JSON, and does not throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseHead(text)).toBeUndefined();
    }),
  );
});

test("parseHead refuses a member of the wrong kind", () => {
  const members = ["id", "name", "directory", "contentVersion", "files"];
  fc.assert(
    fc.property(fc.constantFrom(...members), fc.constantFrom(undefined, 7, {}, [1], true), (member, value) => {
      expect(parseHead(JSON.stringify({ ...record, items: [{ ...item, [member]: value }] }))).toBeUndefined();
    }),
  );
});

test.for(["..", ".", "", "a/b", "..\\b", "/etc", "C:", "a\u0000"])(
  "parseHead refuses a name that leads out of the mirror: %j",
  (name) => {
    const directory = { ...item, directory: name };
    const within = { ...item, files: [{ ...file, name }] };
    expect(parseHead(JSON.stringify({ ...record, items: [directory] }))).toBeUndefined();
    expect(parseHead(JSON.stringify({ ...record, items: [within] }))).toBeUndefined();
  },
);

test.for([
  [
    { endedAt: "2026-11-28T03:00:00.000Z", completeAt: "2026-11-28T03:00:00.000Z", failedRuns: 0, failedItems: 0 },
    true,
  ],
  [{ endedAt: "2026-11-28T03:00:00.000Z", failedRuns: 3, failedItems: 1 }, true],
  [{ endedAt: "yesterday", failedRuns: 0, failedItems: 0 }, false],
  [{ endedAt: "2026-11-28T03:00:00.000Z", failedRuns: -1, failedItems: 0 }, false],
  ["x", false],
] as const)("parseHead reads how runs ended, or leaves it out: %j", ([runs, isReadable]) => {
  expect(parseHead(JSON.stringify({ ...record, runs }))).toEqual(isReadable ? { ...record, runs } : record);
});
