import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRecord } from "../src/record.ts";

const digest = { algorithm: "sha256", hex: "00" };
const file = { name: "debian.iso", sizeBytes: 1, verifiedBy: "checksum", digest };
const item = { id: "1", name: "Debian", directory: "debian", contentVersion: "3", files: [file] };
const manifest = { format: 1, library: { id: "l", name: "Images" }, items: [item] };

test("reads what mirror wrote", () => {
  expect(parseRecord(JSON.stringify(manifest))).toEqual(manifest);
});

test("any other JSON is no manifest, and does not throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseRecord(text)).toBeUndefined();
    }),
  );
});

test("a member of the wrong kind makes it no manifest", () => {
  const members = ["id", "name", "directory", "contentVersion", "files"];
  fc.assert(
    fc.property(fc.constantFrom(...members), fc.constantFrom(undefined, 7, {}, [1], true), (member, value) => {
      expect(parseRecord(JSON.stringify({ ...manifest, items: [{ ...item, [member]: value }] }))).toBeUndefined();
    }),
  );
});

test.for(["..", ".", "", "a/b", "..\\b", "/etc", "C:", "a\u0000"])("no name leads out of the mirror: %j", (name) => {
  const directory = { ...item, directory: name };
  const within = { ...item, files: [{ ...file, name }] };
  expect(parseRecord(JSON.stringify({ ...manifest, items: [directory] }))).toBeUndefined();
  expect(parseRecord(JSON.stringify({ ...manifest, items: [within] }))).toBeUndefined();
});
