import { expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { expectMirrored } from "../test/support/mirrored.ts";
import { expectSteadyBars, leftOn, unwrapped, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const MiB = 1_048_576;
// Of sizes far apart, so that they do not arrive together.
const items = ["debian", "fedora", "ubuntu-26.04-server-cloud-image"].map((name, index) => ({
  name,
  type: "iso",
  files: [{ name: `${name}.iso`, sizeBytes: (3 + 2 * index) * MiB, seed: name }],
}));
const mirrored = items.map(
  ({ name }, index) => `new            ${3 + 2 * index}.0 MiB    1 file  all verified by checksum  ${name}`,
);

test.for([80, 40])(
  "a mirror has bars of several items at once in %i columns",
  async (columns, { simulate, folder }) => {
    const { env, simulator } = await simulate({ libraries: [{ name: "Images", items }] });
    const args = ["mirror", "Images", folder, "--limit-rate", "5M"];
    await using terminal = await openTerminal(args, env, { columns });
    const pictures = await watch(terminal);
    expectSteadyBars(pictures, { rows: 4, columns });
    expect(pictures.some((picture) => /^0 of 3 items .*\ndebian.*\nfedora/mu.test(picture))).toBe(true);
    expect(pictures.some((picture) => /^new .*\n(.*\n)*1 of 3 items/mu.test(picture))).toBe(true);
    const left = unwrapped(await leftOn(terminal));
    expect(left.slice(1, 4).toSorted()).toEqual(mirrored);
    expect(left.slice(4)).toEqual([expect.stringMatching(/^3 of 3 items in place: /u), "exit 0"]);
    await expectMirrored(folder, simulator);
  },
);
