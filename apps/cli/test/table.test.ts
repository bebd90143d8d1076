import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { columns, usualColumns } from "../src/listing/columns.ts";
import type { Entry } from "../src/names/entry.ts";
import { Screen } from "../src/output/screen.ts";
import { writeTable } from "../src/output/table.ts";
import { textWidth } from "../src/output/text-width.ts";

const id = "2da43843-9e1c-4b5e-8a3f-0c9d2f6b7a10";
const place = { library: "Images", libraryId: id, item: "ubuntu", itemId: id, path: "Images/ubuntu" };
const item: Entry = {
  type: "item",
  ...place,
  itemType: "ovf",
  description: "a description that is longer than any terminal has room for",
  modifiedAt: "2026-11-28T19:23:20.000Z",
  contentVersion: "1",
  cached: true,
  sizeBytes: 5_000,
};
const file: Entry = {
  type: "file",
  ...place,
  file: "disk.vmdk",
  version: "1",
  cached: true,
  sizeBytes: 5_000,
  checksum: { algorithm: "SHA256", hex: "ab".repeat(32) },
};

async function linesOf(entry: Entry, terminalColumns: number | undefined): Promise<readonly string[]> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const screen = new Screen({ stdout, stderr, env: {} } as unknown as ConstructorParameters<typeof Screen>[0]);
  const names = usualColumns(new Set([entry.type]), { isLong: true, isFlat: true });
  await writeTable<Entry>(
    {
      format: "table",
      columns: Object.fromEntries(names.map((name) => [name, columns[name]])),
      hasHead: true,
      mayNarrow: true,
      order: () => 0,
      rows: (async function* rows() {
        yield entry;
      })(),
      none: "",
      progress: () => undefined,
      name: ({ path }) => path,
      json: (each) => each,
    },
    { screen, signal: new AbortController().signal, terminalColumns },
  );
  stdout.end();
  return (await text(stdout)).trimEnd().split("\n");
}

test("ls -l fits into a terminal of 80 columns: less important columns are left out", async () => {
  const [head = "", row = ""] = await linesOf(item, 80);
  expect(head.split(/ +/u)).toEqual(["ID", "TYPE", "SIZE", "CACHED", "CHANGED", "NAME"]);
  expect(Math.max(textWidth(head), textWidth(row))).toBeLessThanOrEqual(80);
  expect(row).toContain(id);
  expect(row).toMatch(/ ubuntu$/u);
  expect((await linesOf(item, undefined))[0]).toMatch(/^ID +TYPE +SIZE +VERSION +CACHED +CHANGED +NAME +DESCRIPTION$/u);
});

test("ls -l shortens a checksum where a terminal is too narrow, and nowhere else", async () => {
  const [head = "", row = ""] = await linesOf(file, 80);
  expect(Math.max(textWidth(head), textWidth(row))).toBeLessThanOrEqual(80);
  expect(row).toMatch(/SHA256:[ab]+…[ab]+ {2}disk\.vmdk$/u);
  expect((await linesOf(file, undefined))[1]).toContain(`SHA256:${"ab".repeat(32)}  disk.vmdk`);
});

test("the column of checksums is as narrow as what is in it", async () => {
  const { checksum: _, ...plain } = file;
  const [head = ""] = await linesOf(plain, undefined);
  expect(head).toMatch(/CHECKSUM {2}NAME$/u);
});
