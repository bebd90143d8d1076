import { setTimeout } from "node:timers/promises";
import type { Sink } from "@carrel/node-stream";
import { contentOf } from "../content.ts";
import { Writer } from "../writer.ts";
import type { ChildJob, ChildLine } from "./run-child.ts";

const job = JSON.parse(process.argv[2] ?? "{}") as ChildJob;
const { openSink } = (await import(job.recipe.module)) as { readonly openSink: (data: string) => Sink | Promise<Sink> };
const content = contentOf(job.contentVersion, job.sizeBytes);

function report(line: ChildLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Writes a byte now and then, until this process is killed or the file is whole. */
async function trickle({ partial }: Writer): Promise<void> {
  for (let at = partial.sizeBytes; at < content.length; at++) {
    await partial.write([content.subarray(at, at + 1)]);
    await setTimeout(5);
  }
  await new Promise(() => setInterval(() => {}, 1_000));
}

async function run(): Promise<void> {
  const sink = await openSink(job.recipe.data);
  await using writer = await Writer.open(sink, { name: job.name, contentVersion: job.contentVersion });
  report({ resumedAt: writer.partial.sizeBytes });
  try {
    await writer.write(content.subarray(0, job.stopAt));
    report({ at: writer.partial.sizeBytes });
    if (job.ending === "trickle") await trickle(writer);
    if (job.ending === "publish") report({ published: (await writer.finish()).hex });
    else await writer.partial.keep();
  } catch (error) {
    report({ failed: error instanceof Error ? error.message : "unknown" });
    await writer.partial.keep();
    report({ kept: writer.partial.sizeBytes });
  }
}

try {
  await run();
} catch (error) {
  // The name is another process's.
  report({ failed: error instanceof Error ? error.message : "unknown" });
}
