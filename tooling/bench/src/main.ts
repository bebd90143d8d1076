// Runs benches and writes what they measured. Usage: npm run bench [-- NAME... --quick --out DIRECTORY]
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { calls } from "./benches/calls.ts";
import { drops } from "./benches/drops.ts";
import { leases } from "./benches/leases.ts";
import { many } from "./benches/many.ts";
import { memory } from "./benches/memory.ts";
import { mirror } from "./benches/mirror.ts";
import { single } from "./benches/single.ts";
import { start } from "./benches/start.ts";
import { stream } from "./benches/stream.ts";
import { wan } from "./benches/wan.ts";
import { describeSetting } from "./run/machine.ts";
import { buildPeers, missing, versions } from "./run/peers.ts";
import { toMarkdown } from "./run/report.ts";
import type { Results } from "./run/report.ts";
import { takeTurns } from "./run/turns.ts";
import type { CaseResult } from "./run/turns.ts";

const all = [single, many, stream, memory, wan, drops, leases, calls, mirror, start];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, out: { type: "string" }, help: { type: "boolean" } },
});
const unknown = positionals.filter((name) => !all.some((bench) => bench.name === name));
const needed = missing("time", "curl", "openssl", "nginx");
if (values.help === true || unknown.length > 0) {
  const names = all.map(({ name, work }) => `  ${name.padEnd(8)} ${work}`);
  process.stdout.write(
    `${[...unknown.map((name) => `No bench is called ${name}.`), "Benches:", ...names].join("\n")}\n`,
  );
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else if (needed !== undefined) {
  process.stderr.write(`The benches need programs that were not found. ${needed}\n`);
  process.exitCode = 2;
} else {
  await run();
}

async function run(): Promise<void> {
  await buildPeers();
  const setting = await describeSetting();
  const chosen = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name));
  const benches: Results["benches"][number][] = [];
  for (const { name, work, measure } of chosen) {
    const cases: CaseResult[] = [];
    const scratch = await mkdtemp(join(tmpdir(), "carrel-bench-"));
    try {
      await measure({ isQuick: values.quick, scratch }, async (each) => {
        cases.push(await takeTurns(each, values.quick, (line) => process.stderr.write(`${name}: ${line}\n`)));
      });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    benches.push({ name, work, cases });
  }
  const results: Results = { setting, versions: await versions(), isQuick: values.quick, benches };
  const page = toMarkdown(results);
  process.stdout.write(page);
  if (values.out === undefined) return;
  await mkdir(values.out, { recursive: true });
  const base = join(values.out, `${setting.date}-${setting.commit}`);
  await writeFile(`${base}.json`, `${JSON.stringify(results)}\n`);
  await writeFile(`${base}.md`, page);
}
