import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StrictSubscriber, tempDirectory, tries } from "@carrel/test-kit";
import { expect } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import { imageOf, test } from "./support/fixture.ts";

const program = fileURLToPath(new URL("child/mirror.mjs", import.meta.url));
const libraries = [
  {
    name: "Images",
    items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.ovf", "b.vmdk"), imageOf("old", "x.iso")],
  },
];
/** How many changes of the disk lie between two kills; with 1 it takes ten minutes. */
const step = tries(53, 13);

test.for([
  ["on a file system with links", false],
  ["on one without", true],
] as const)(
  "mirrorLibrary with publish %s, killed before changes of the disk, satisfies subscribers from before and after",
  { timeout: 900_000 },
  async ([, across], { simulate, annotate }) => {
    let isKilled = true;
    let killBefore = 0;
    for (; isKilled; killBefore += step) {
      await using mirrored = await tempDirectory();
      const { path: directory } = mirrored;
      const { simulator, client, libraryId } = await simulate({ libraries, report: { itemChecksum: true } });
      const options = { publish: true, delete: true };
      await mirrorLibrary(client, libraryId, directory, options).report;
      const subscribe = (): StrictSubscriber =>
        new StrictSubscriber((href) => readFile(join(directory, decodeURIComponent(href))).catch(() => undefined));
      const before = subscribe();
      await before.sync();
      const { inventory } = simulator;
      const { id } = inventory.item("Images/debian");
      inventory.item("Images/debian").remove();
      inventory.library("Images").addItem({ ...imageOf("debian", "debian.iso"), id, name: "debian 13" });
      inventory.item("Images/ubuntu").putFile({ name: "a.ovf", sizeBytes: 50_000, seed: "new" });
      inventory.item("Images/old").remove();
      inventory.library("Images").addItem(imageOf("old", "x.iso", "y.iso"));
      inventory.library("Images").addItem(imageOf("alpine", "alpine.iso"));

      const job = { ...simulator.credentials, endpoint: simulator.url.href, libraryId, directory, options };
      const child = spawn(process.execPath, [program, JSON.stringify({ ...job, killBefore, across })], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      expect([0, "SIGKILL"]).toContain(code ?? signal);
      isKilled = signal === "SIGKILL";
      const between = subscribe();
      for (const subscriber of [before, between]) await subscriber.sync();
      simulator.expireDownloadSessions();
      simulator.expireApiSessions();

      const { published } = await mirrorLibrary(client, libraryId, directory, options).report;
      expect(published?.version).toBeGreaterThanOrEqual(2);
      for (const subscriber of [before, between, subscribe()]) {
        await subscriber.sync();
        expect(subscriber.items.size).toBe(4);
        for (const item of inventory.library("Images").items) {
          const seen = subscriber.items.get(`urn:uuid:${item.id}`);
          expect(seen?.name).toBe(item.name);
          for (const file of item.files) {
            const bytes = Buffer.from(seen?.files.get(file.name) ?? []);
            expect(bytes.equals(await file.bytes()), `change ${killBefore}: ${item.name}/${file.name}`).toBe(true);
          }
        }
      }
    }
    await annotate(`killed before each of some ${killBefore} changes, in steps of ${step}`);
  },
);
