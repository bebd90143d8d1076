import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

describe("carrel diff LIBRARY DIR", () => {
  test.for([true, false])(
    "is 0 for a mirror that is current, and transfers nothing (checksums: %s)",
    async (checksum, { simulate, folder }) => {
      const { simulator, run } = await simulate({ libraries, report: { itemChecksum: checksum } });
      await run(["mirror", "Images", folder]);
      const { length } = simulator.journal.filter(({ kind }) => kind === "transfer");
      const { exitCode, stdout, stderr } = await run(["diff", "Images", folder]);
      const by = checksum ? "checksum" : "content version";
      expect([exitCode, stdout, stderr]).toEqual([0, `No difference, 3 files the same (3 by ${by}).\n`, ""]);
      expect(simulator.journal.filter(({ kind }) => kind === "transfer")).toHaveLength(length);
    },
  );

  test("says what differs, with 1, and changes nothing", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    await truncate(join(folder, "ubuntu", "a.vmdk"), 7);
    await rm(join(folder, "ubuntu", "b.vmdk"));
    await mkdir(join(folder, "mine"));
    await writeFile(join(folder, "mine", "notes.txt"), "mine");
    simulator.inventory.library("Images").addItem(imageOf("fedora", "f.iso"));
    simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", sizeBytes: 40_000, seed: "new" });
    const before = await filesIn(folder);
    const { exitCode, stdout } = await run(["diff", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stdout.replaceAll(folder, "DIR")).toMatch(
      new RegExp(
        [
          String.raw`^debian/debian\.iso {2}\(another (?:checksum|content version)\)`,
          String.raw`fedora {2}\(only in Images\)`,
          String.raw`mine {2}\(only in DIR\)`,
          String.raw`ubuntu/a\.vmdk {2}\(modified locally\)`,
          String.raw`ubuntu/b\.vmdk {2}\(only in Images\)`,
          String.raw`5 differences, 0 files the same\.\n$`,
        ].join("\n"),
        "u",
      ),
    );
    expect(await filesIn(folder)).toEqual(before);
    const events = eventsOf((await run(["diff", "Images", folder, "--json"])).stdout);
    expect(events[1]).toEqual({ type: "difference", item: "fedora", difference: "only-left" });
    expect(events.at(-1)).toMatchObject({ type: "done", isSame: false, differences: 5 });
    expect(await run(["diff", "Images", folder, "--quiet"])).toEqual({ exitCode: 1, stdout: "", stderr: "" });
  });

  test("fails with another code than 1", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect((await run(["diff", "Images", join(folder, "none")])).exitCode).toBe(2);
    expect((await run(["diff", "None", folder])).exitCode).toBe(4);
    expect((await run(["diff", "Images/debian", folder])).exitCode).toBe(2);
    expect((await run(["diff", "Images", folder], { VSPHERE_PASSWORD: "wrong" })).exitCode).toBe(3);
  });
});

test("carrel diff CONTEXT:LIBRARY CONTEXT:LIBRARY compares two vCenters", async ({ simulate, folder }) => {
  const options = { libraries, tls: false, report: { itemChecksum: true } };
  const [prod, dr] = [await simulate(options), await simulate(options)];
  const password = { user: "reader@vsphere.local", passwordFile: join(folder, "password") };
  await writeFile(password.passwordFile, prod.env["VSPHERE_PASSWORD"] ?? "", { mode: 0o600 });
  const contexts = {
    prod: { server: prod.simulator.url.origin, ...password },
    dr: { server: dr.simulator.url.origin, ...password },
  };
  await mkdir(join(folder, "carrel"), { mode: 0o700 });
  await writeFile(join(folder, "carrel", "config.json"), JSON.stringify({ contexts }), { mode: 0o600 });
  const env = { XDG_CONFIG_HOME: folder, VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_PASSWORD: "" };
  const args = ["diff", "prod:Images", "dr:Images"];
  expect(await prod.run(args, env)).toMatchObject({
    exitCode: 0,
    stdout: "No difference, 3 files the same (3 by checksum).\n",
  });
  dr.simulator.inventory.item("Images/ubuntu").putFile({ name: "a.vmdk", sizeBytes: 40_000, seed: "new" });
  dr.simulator.inventory.item("Images/debian").remove();
  expect(await prod.run(args, env)).toMatchObject({
    exitCode: 1,
    stdout:
      "debian  (only in prod:Images)\nubuntu/a.vmdk  (another checksum)\n2 differences, 1 file the same (1 by checksum).\n",
  });
});
