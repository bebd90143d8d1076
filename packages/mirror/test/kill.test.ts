import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempDirectory, tries } from "@carrel/test-kit";
import { expect } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import { expectMirrored, filesIn, imageOf, test } from "./support/fixture.ts";

const program = fileURLToPath(new URL("child/mirror.mjs", import.meta.url));
const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Whether some file below one of the directories has these bytes. */
async function isKept(bytes: Buffer, directories: readonly string[]): Promise<boolean> {
  for (const directory of directories) {
    for (const path of await filesIn(directory).catch(() => [])) {
      if ((await readFile(join(directory, path))).equals(bytes)) return true;
    }
  }
  return false;
}

const step = 23;
/** First changes. Each has a test of its own, so that none takes long. */
const firsts = Array.from({ length: step }, (_, index) => index).filter((first) => first % tries(step, 4) === 0);

test.for(
  firsts.flatMap((first) => [
    ["on the same file system", first, false] as const,
    ["on another one", first, true] as const,
  ]),
)(
  `mirrorLibrary with backupDirectory %s, killed before change %i of the disk, and further on every ${step}, loses no file`,
  async ([, first, across], { simulate, annotate }) => {
    let isKilled = true;
    let killBefore = first;
    for (; isKilled; killBefore += step) {
      await using mirrored = await tempDirectory();
      await using backups = await tempDirectory();
      const { simulator, client, libraryId } = await simulate({ libraries });
      await mirrorLibrary(client, libraryId, mirrored.path).report;
      const paths = (await filesIn(mirrored.path)).filter((name) => !name.startsWith("."));
      const before = await Promise.all(paths.map((path) => readFile(join(mirrored.path, path))));
      simulator.inventory.item("Images/debian").remove();
      simulator.inventory.item("Images/ubuntu").putFile({ name: "a.vmdk", sizeBytes: 50_000, seed: "new" });
      simulator.inventory.item("Images/ubuntu").removeFile("b.vmdk");

      const options = { delete: true, backupDirectory: backups.path };
      const endpoint = simulator.url.href;
      const job = {
        ...simulator.credentials,
        endpoint,
        libraryId,
        directory: mirrored.path,
        options,
        killBefore,
        across,
      };
      const child = spawn(process.execPath, [program, JSON.stringify(job)], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      expect([0, "SIGKILL"]).toContain(code ?? signal);
      isKilled = signal === "SIGKILL";
      for (const [index, bytes] of before.entries()) {
        expect(await isKept(bytes, [mirrored.path, backups.path]), `${paths[index]}, change ${killBefore}`).toBe(true);
      }
      simulator.expireDownloadSessions();
      simulator.expireApiSessions();

      await mirrorLibrary(client, libraryId, mirrored.path, options).report;
      await expectMirrored(mirrored.path, simulator);
      for (const bytes of before) expect(await isKept(bytes, [backups.path])).toBe(true);
      expect((await readdir(backups.path)).filter((name) => name.startsWith("."))).toEqual([]);
    }
    await annotate(`the last run, before change ${killBefore - step}, was not killed`);
  },
);
