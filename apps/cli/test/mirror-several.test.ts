import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf } from "./support/mirrored.ts";

const libraries = [
  { name: "Images", items: [imageOf("debian", "debian.iso")] },
  { name: "Images-old", items: [imageOf("ubuntu", "a.iso"), imageOf("fedora", "f.iso")] },
  { name: "Templates", items: [imageOf("photon", "p.iso")] },
];

describe("carrel mirror of several libraries", () => {
  test("has a directory for each, a line for each, and one that sums up", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["mirror", "Images*", "Templates", "Templates", folder]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const { name } of libraries) await expectMirrored(join(folder, name), simulator, name);
    expect(stdout).toMatch(/^new .+ Images-old\/ubuntu$/mu);
    expect(stdout).toMatch(/^Images-old: 2 of 2 items in place: 2 new, /mu);
    expect(stdout).toMatch(/^3 libraries: 4 of 4 items in place; 156\.3 KiB received in /mu);
    const { stdout: again } = await run(["mirror", "Images*", "Templates", folder, "--dry-run"]);
    expect(again).toMatch(/^3 libraries: 0 to do, 4 unchanged\. Nothing was changed\.$/mu);
  });

  test("one that fails does not stop the others, and its exit code counts", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({
      libraries,
      faults: [{ on: "transfer", file: "p.iso", kind: "corrupt", atByte: 9, times: "always" }],
    });
    // A mirror of another library: Images cannot be mirrored there.
    expect((await run(["mirror", "Images-old", join(folder, "Images")])).exitCode).toBe(0);
    const args = ["mirror", "Images", "Images-old", "Templates", folder];
    const { exitCode, stdout, stderr } = await run(args);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^carrel: "Images": Directory ".+" mirrors another library: "Images-old" \(.+\)$/mu);
    expect(stderr).toMatch(/^carrel: "Templates\/photon": /mu);
    expect(stderr).toMatch(/^carrel: Libraries not mirrored: "Images"\n/mu);
    expect(stdout).toMatch(/^3 libraries, 1 of them not mirrored: 2 of 3 items in place; /mu);
    await expectMirrored(join(folder, "Images-old"), simulator, "Images-old");
    const events = eventsOf((await run([...args, "--json"])).stdout);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "failed",
        library: "Images",
        error: expect.objectContaining({ exitCode: 1 }) as unknown,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "failed",
        library: "Templates",
        item: "photon",
        error: expect.objectContaining({ exitCode: 5 }) as unknown,
      }),
    );
    expect(events).toContainEqual(expect.objectContaining({ type: "done", library: "Images-old", unchanged: 2 }));
  });

  test("a refused login stops it", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["mirror", "*", folder], { VSPHERE_PASSWORD: "wrong" });
    expect([exitCode, stderr.match(/^carrel: /gmu)]).toEqual([3, ["carrel: "]]);
  });

  test("a single library that a glob finds has a directory below, one that is named has the directory itself", async ({
    simulate,
    folder,
  }) => {
    const { simulator, run } = await simulate({ libraries });
    await run(["mirror", "Temp*", folder]);
    await expectMirrored(join(folder, "Templates"), simulator, "Templates");
    const own = join(folder, "own");
    await mkdir(own);
    await run(["mirror", "Templates", own]);
    await expectMirrored(own, simulator, "Templates");
  });

  test("is refused in a directory that is a mirror itself", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    const before = await filesIn(folder);
    const { exitCode, stderr } = await run(["mirror", "Images", "Templates", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Cannot mirror several libraries to "${folder}": it is a mirror of library "Images"\n`);
    expect(stderr).toContain(`carrel mirror Images ${folder}\n`);
    expect(await filesIn(folder)).toEqual(before);
  });

  test("is refused where two would share a directory", async ({ simulate, folder }) => {
    const { run } = await simulate({
      libraries: [
        { name: "Images", items: [] },
        { name: "images", items: [] },
      ],
    });
    const { exitCode, stderr } = await run(["mirror", "*", folder]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^carrel: The libraries "Images" \(.+\) and "images" \(.+\) would share one directory: /u);
  });

  test("a library that does not exist is 4", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", "Nothing*", folder])).toMatchObject({ exitCode: 4 });
    expect(await filesIn(folder)).toEqual([]);
  });
});
