import { createHash } from "node:crypto";
import { systemClock, TransferError } from "@carrel/core";
import { isObject, parseJson, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { parseSavedItem } from "@carrel/node-stream/sink";
import type { SavedItem } from "@carrel/node-stream/sink";
import { isWorthRepeating } from "./store-error.ts";
import { ConditionFailed } from "./store.ts";
import type { Store } from "./store.ts";

const maxAttempts = 60;
const pauseMs = 50;

/** What is recorded of an item: its files, and the ETags of their objects, by names. */
export interface ItemRecord {
  readonly item: SavedItem;
  readonly etags: Readonly<Record<string, string>>;
}

/** Reads what is recorded of an item; `undefined` if nothing is that can be read. */
export async function readItemRecord(store: Store, key: string): Promise<ItemRecord | undefined> {
  const found = await store.readText(key);
  return found && parseItemRecord(found.text);
}

/**
 * Adds files to what is recorded of an item, in one step.
 *
 * @throws `TransferError` `disk`: others write the record all the time.
 */
export async function addToItemRecord(
  store: Store,
  key: string,
  added: ItemRecord,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    signal.throwIfAborted();
    const found = await store.readText(key, signal);
    const bytes = Buffer.from(`${JSON.stringify(merge(found && parseItemRecord(found.text), added))}\n`);
    const sha256 = createHash("sha256").update(bytes).digest();
    const condition = found === undefined ? ({ absent: true } as const) : { etag: found.etag };
    try {
      await store.put(key, { bytes, sha256 }, { condition, contentType: "application/json", signal });
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed || isWorthRepeating(error))) throw error;
    }
    await sleep(systemClock, pauseMs * Math.random() * Math.min(attempt + 1, 10), signal);
  }
  const path = store.locationOf(key);
  throw new TransferError(`Cannot write ${quote(path)}: other processes keep writing it`, { problem: "disk", path });
}

interface RecordText {
  readonly format: 1;
  readonly item: SavedItem;
  readonly etags: Readonly<Record<string, string>>;
}

function merge(before: ItemRecord | undefined, added: ItemRecord): RecordText {
  const taken = new Set(added.item.files.map(({ name }) => name));
  const kept = before?.item.files.filter(({ name }) => !taken.has(name)) ?? [];
  const files = [...kept, ...added.item.files];
  return {
    format: 1,
    item: { ...before?.item, ...added.item, files },
    etags: { ...before?.etags, ...added.etags },
  };
}

function parseItemRecord(text: string): ItemRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["format"] !== 1) return undefined;
  const item = parseSavedItem(value["item"]);
  const { etags } = value;
  if (item === undefined) return undefined;
  const pairs = isObject(etags) ? Object.entries(etags).filter(([, etag]) => typeof etag === "string") : [];
  return { item, etags: Object.fromEntries(pairs) as Record<string, string> };
}
