import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

const sizeBytes = 3_000_000;
const files = [{ name: "a.iso", sizeBytes }];

test("downloadItem keeps the bytes before a login page that comes in place of the rest", async () => {
  await using desk = await openDesk({ files });
  desk.simulator.faults.add(
    { on: "transfer", kind: "shortClose", keepLength: true, atByte: 2_000_000 },
    { on: "transfer", use: 2, kind: "htmlPage" },
  );
  const failed = downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  await expect(failed).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringMatching(/an HTML page was sent instead/u) as string,
  });
  expect(await desk.names()).toEqual(["a.iso.part", "a.iso.part.json"]);
  const { receivedBytes, files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(receivedBytes).toBeLessThan(sizeBytes / 2);
  expect(reports[0]?.verifiedBy).toBe("checksum");
  const bytes = Buffer.from(await desk.item.file("a.iso").bytes());
  expect((await readFile(desk.folder.join("a.iso"))).equals(bytes)).toBe(true);
});
