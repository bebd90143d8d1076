import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { expectMirrored, imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "a.iso", "b.iso"), imageOf("ubuntu", "u.iso")] }];
const preload = (module: URL): Record<string, string> => ({ NODE_OPTIONS: `--import ${module.href}` });
const withoutFlush = preload(new URL("support/no-flush.mjs", import.meta.url));
const patient = preload(new URL("support/patient-lock-times.mjs", import.meta.url));

test("a file system that cannot flush is a warning, once", async ({ simulate, folder }) => {
  const { simulator, start } = await simulate({ libraries });
  const warning = /^Warning: The file system of \S+ cannot flush files to the disk: [^\n]+\n$/u;
  const got = await start(["get", "Images/*", "-o", join(folder, "got")], withoutFlush).ended;
  expect(got).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(warning) as string });
  const mirrored = await start(["mirror", "Images", join(folder, "mirror")], withoutFlush).ended;
  expect(mirrored).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(warning) as string });
  await expectMirrored(join(folder, "mirror"), simulator);
});

/** The lock of a process on another machine, which is gone. */
const abandoned = `${JSON.stringify({ host: "elsewhere", pid: 1, processStartMs: 1, token: "0123abcd" })}\n0\n`;

test("a lock without a sign of life is waited for, with a warning", async ({ simulate, folder }) => {
  const { start } = await simulate({ libraries });
  await writeFile(join(folder, "a.iso.part.lock"), abandoned);
  await writeFile(join(folder, ".carrel-mirror.lock"), abandoned);
  const got = await start(["get", "Images/debian", "-o", folder], patient).ended;
  expect(got).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^Warning: "a\.iso" is locked by pid 1 on elsewhere, running since 1970[^,]*, which shows no sign of life: waiting up to 2 s for one\n$/u,
    ) as string,
  });
  const mirrored = await start(["mirror", "Images", folder, "--quiet"], patient).ended;
  expect(mirrored).toMatchObject({
    stderr: expect.stringMatching(
      /Warning: The mirror is locked by pid 1 on elsewhere, .* waiting up to 2 s/u,
    ) as string,
  });
  expect((await filesIn(folder)).filter((name) => name.endsWith(".lock"))).toEqual([]);
});
