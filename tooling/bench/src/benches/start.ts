import process from "node:process";
import { startSimulator } from "@carrel/simulator";
import type { Bench } from "../run/bench.ts";
import { carrel, carrelEnvironment, govcEnvironment } from "../run/carrel.ts";
import { measured } from "../run/measured-process.ts";
import { missing, pathOf } from "../run/peers.ts";

const { execPath } = process;

/** How long the command line takes to say something. */
export const start: Bench = {
  name: "start",
  work: "Commands that do hardly anything, beside Node itself and govc.",
  async measure({ isQuick, scratch }, turns) {
    const libraries = ["Images", "Templates", "Tools"].map((name) => ({ name, items: [{ name: "one" }] }));
    const items = Array.from({ length: isQuick ? 100 : 2_000 }, (_, index) => ({ name: `item-${index}` }));
    await using simulator = await startSimulator({ tls: true, libraries: [...libraries, { name: "Many", items }] });
    const ours = carrelEnvironment(simulator);
    const govc = await govcEnvironment(simulator, scratch);
    const run = (command: readonly string[], env: Readonly<Record<string, string>>) => async () => {
      const { sample, firstMs } = await measured(command, { env });
      return { ...sample, counts: { "first output, ms": firstMs } };
    };
    await turns({
      name: "version",
      base: "node -e 0",
      ways: [
        { name: "carrel --version", run: run([execPath, carrel, "--version"], ours) },
        { name: "carrel --help", run: run([execPath, carrel, "--help"], ours) },
        { name: "node -e 0", run: run([execPath, "-e", "0"], ours) },
        {
          name: "govc library.ls -h",
          missing: missing("govc"),
          run: run([pathOf("govc") ?? "", "library.ls", "-h"], govc),
        },
      ],
      aims: [{ way: "carrel --version", figure: "ms", against: "node -e 0", atMost: 1.4 }],
    });
    await turns({
      name: "list of the libraries",
      base: "node -e 0",
      ways: [
        { name: "carrel ls", run: run([execPath, carrel, "ls"], ours) },
        { name: "node -e 0", run: run([execPath, "-e", "0"], ours) },
        { name: "govc library.ls", missing: missing("govc"), run: run([pathOf("govc") ?? "", "library.ls"], govc) },
      ],
      aims: [],
    });
    await turns({
      name: "list of a big library",
      base: "govc library.ls",
      ways: [
        { name: "carrel ls", run: run([execPath, carrel, "ls", "Many", "--sort", "none"], ours) },
        {
          name: "govc library.ls",
          missing: missing("govc"),
          run: run([pathOf("govc") ?? "", "library.ls", "/Many/*"], govc),
        },
      ],
      aims: [{ way: "carrel ls", figure: "first output, ms", atMost: 1_000 }],
    });
  },
};
