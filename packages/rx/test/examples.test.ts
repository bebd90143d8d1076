import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import * as core from "@carrel/core";
import type { DownloadEvent } from "@carrel/core";
import * as rxjs from "rxjs";
import { firstValueFrom, from, lastValueFrom, Observable, take, toArray } from "rxjs";
import { expect, test, vi } from "vitest";
import * as rx from "../src/index.ts";
import { fileName, itemIds, startLibrary } from "./support/library.ts";

const modules: Record<string, unknown> = {
  "@carrel/core": core,
  "@carrel/rx": rx,
  rxjs,
};

/** The function that the example in a source file defines, made to run. */
function exampleIn(file: string, index = 0): (...args: unknown[]) => Observable<unknown> {
  const source = readFileSync(new URL(`../src/${file}.ts`, import.meta.url), "utf8");
  const [, block = ""] = [...source.matchAll(/```ts\n([^]*?)```/g)][index] ?? [];
  const code = stripTypeScriptTypes(block.replaceAll(/^ \* ?/gm, ""));
  const [, name] = /function (\w+\$?)\(/.exec(code) ?? [];
  const body = code.replaceAll(/import \{(.*)\} from (".*");/g, "const {$1} = modules[$2];");
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function("modules", `${body}\nreturn ${name};`)(modules) as (...args: unknown[]) => Observable<unknown>;
}

const firstOf = (stream: Observable<unknown>, count: number): Promise<unknown[]> =>
  lastValueFrom(stream.pipe(take(count), toArray()));

test("every public function has an example that is run here", () => {
  expect(Object.keys(rx).toSorted()).toEqual([
    "downloadStore",
    "fromTask",
    "leaseOf",
    "preparedFile",
    "preparedFileStore",
    "reopenWhenLost",
    "sampleTransfers",
    "session$",
    "sessionStore",
    "sessions$",
    "sessionsStore",
    "toDownloadState",
    "toStore",
    "whileHeld",
  ]);
});

test("the examples that call the server run", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const status$ = exampleIn("session")(client, "item-1");
  expect(await firstOf(status$, 2)).toEqual(["opening", expect.stringMatching(/^open until .*20\d\d/)]);
  expect(await firstOf(exampleIn("sessions")(client, "item-1"), 1)).toEqual([1]);
  const endpoint$ = exampleIn("prepared-file")(client, "item-1", fileName);
  expect(await firstValueFrom(endpoint$)).toMatchObject({ uri: expect.stringContaining("http") });
  const steadySession$ = exampleIn("reopen-when-lost")(client, "item-1");
  expect(await firstOf(steadySession$, 1)).toMatchObject([{ phase: "active" }]);
  expect(await firstOf(exampleIn("while-held")(client, "item-1"), 1)).toEqual([1_000]);
  const itemNames$ = exampleIn("from-task")(client, library.simulator.inventory.library("images").id);
  expect(await lastValueFrom(itemNames$.pipe(toArray()))).toEqual(itemIds);
  expect(library.called("downloadSession.create")).toBe(1);
  await client[Symbol.asyncDispose]();
  await library.untilIdle();
});

test("the examples of events run", async () => {
  const transferring = { type: "transferring", file: fileName, totalBytes: 8, bytesPerSecond: 1 } as const;
  const events: readonly DownloadEvent[] = [
    { ...transferring, receivedBytes: 1 },
    { ...transferring, receivedBytes: 3 },
  ];
  const sampled = exampleIn("sample-transfers")(from(events));
  expect(await lastValueFrom(sampled.pipe(toArray()))).toEqual([events[1]]);
  const percent$ = exampleIn("to-download-state")(from(events));
  expect(await lastValueFrom(percent$.pipe(toArray()))).toEqual(["starting", "37 %"]);
});

test("the examples of stores run", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const shown: unknown[] = [];
  const show = (what: unknown): void => void shown.push(what);
  async function* start(): AsyncGenerator<DownloadEvent> {
    yield { type: "transferring", file: fileName, totalBytes: 8, receivedBytes: 2, bytesPerSecond: 1 };
  }
  const leaves = [
    exampleIn("store")(client, "item-1", show),
    exampleIn("stores", 0)(client, "item-1", fileName, show),
    exampleIn("stores", 1)(client, show),
    exampleIn("stores", 2)(start, show),
  ] as readonly unknown[] as readonly (() => void)[];
  await vi.waitFor(() =>
    expect(shown).toEqual(expect.arrayContaining(["opening", "active", expect.stringMatching(/^http/), 0, 25])),
  );
  for (const leave of leaves) leave();
  await client[Symbol.asyncDispose]();
  await library.untilIdle();
});
