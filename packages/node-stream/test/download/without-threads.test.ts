import { expect, test } from "vitest";
import { runChild } from "./child/run-child.ts";
import type { ChildLine } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";

const MiB = 1_048_576;
/** Allows a process everything but threads. */
const noThreads = `node=$1; shift; set -- "$node" --permission --allow-fs-read=* --allow-fs-write=* --allow-net "$@"`;

test("downloadItem downloads large files in a process that may not start threads", async () => {
  const sizes = [17 * MiB + 1, 300_000, 9 * MiB];
  await using desk = await openDesk({
    files: sizes.map((sizeBytes, index) => ({ name: `disk-${index}.vmdk`, sizeBytes })),
  });
  const child = runChild(desk, {}, noThreads);
  const lines: ChildLine[] = [];
  for await (const line of child.lines) lines.push(line);
  expect(await child.exit).toBe(0);
  const files = desk.item.files.map(
    ({ name, sizeBytes }) => expect.objectContaining({ name, sizeBytes, verifiedBy: "checksum" }) as unknown,
  );
  expect(lines.at(-1)).toMatchObject({ type: "report", files });
  expect(await desk.names()).toEqual(desk.item.files.map(({ name }) => name));
});

test("downloadItem finds a wrong digest in a process that may not start threads", async () => {
  await using desk = await openDesk({
    files: [{ name: "disk.vmdk", sizeBytes: 17 * MiB }],
    faults: [{ on: "transfer", kind: "corrupt", atByte: 16 * MiB, times: "always" }],
  });
  const child = runChild(desk, {}, noThreads);
  const lines: ChildLine[] = [];
  for await (const line of child.lines) lines.push(line);
  expect(lines.at(-1)).toMatchObject({ type: "failed", error: { code: "INTEGRITY" } });
  expect(await child.exit).toBe(0);
  expect(await desk.names()).toEqual([]);
});
