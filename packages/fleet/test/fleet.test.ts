import { join } from "node:path";
import { describe, expect } from "vitest";
import { documentOf, expectMirrored, imageOf, runOnce, test } from "./support/fleet-of.ts";

const libraries = [{ name: "Images", items: [imageOf("debian"), imageOf("ubuntu"), imageOf("fedora")] }];

describe("a fleet on the embedded database", () => {
  test("brings the libraries of its vCenters into place, and then finds nothing to do", async ({
    simulate,
    open,
    directory,
  }) => {
    const berlin = await simulate("berlin", { libraries });
    const paris = await simulate("paris", { libraries });
    const fleet = await open();
    const changes = await fleet.apply(documentOf({ berlin: {}, paris: {} }));
    expect(changes.map(({ change, section, name }) => `${change} ${section} ${name}`)).toContain("added mirrors paris");
    const events = await runOnce(fleet);
    expect(events.filter(({ type }) => type === "mirrored")).toHaveLength(6);
    for (const [name, simulator] of [["berlin", berlin] as const, ["paris", paris] as const]) {
      await expectMirrored(join(directory, "disk", name), simulator);
    }
    const again = await runOnce(fleet);
    expect(again).toContainEqual({
      type: "planned",
      mirror: "berlin",
      items: 0,
      unchanged: 3,
      deleted: 0,
      failed: 0,
    });
    expect(again.filter(({ type }) => type === "started")).toEqual([]);
    const status = await fleet.status();
    expect(status.mirrors).toMatchObject([
      { name: "berlin", plan: "none", unchangedItems: 3 },
      { name: "paris", plan: "none", unchangedItems: 3 },
    ]);
    expect([status.atWork, status.waiting, status.dead]).toEqual([[], [], []]);
  });
});
