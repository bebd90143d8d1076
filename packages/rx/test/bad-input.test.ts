import type { CarrelClient } from "@carrel/core";
import { expect, test } from "vitest";
import { preparedFile, reopenWhenLost, sampleTransfers, session$, sessions$ } from "../src/index.ts";

const client = {} as CarrelClient;
const notText = [undefined, null, 7, "", {}, ["item-1"]];
const notMs = [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", null];

test.for(notText)("session$ refuses the item id %j", (itemId) => {
  expect(() => session$(client, itemId as string)).toThrow(TypeError);
  expect(() => session$(client, itemId as string)).toThrow(
    /^session\$: the item id (?:must be a string, not (?:null|number|object|an array)|is (?:empty|undefined), as when nothing was found)$/,
  );
});

test.for(notMs)("session$ refuses lingerMs: %j", (lingerMs) => {
  expect(() => session$(client, "item-1", { lingerMs: lingerMs as number })).toThrow(
    new TypeError(`session$: lingerMs must be a number from 0 to 2147483647, not ${lingerMs}`),
  );
});

test.for([0, 1, -0.5, 2, Number.NaN, "0.5", null])("session$ refuses renewAt: %j", (renewAt) => {
  expect(() => session$(client, "item-1", { renewAt: renewAt as number })).toThrow(
    new TypeError(`session$: renewAt must lie between 0 and 1, not at ${renewAt}`),
  );
});

test.for([0, ...notMs])("sessions$ refuses intervalMs: %j", (intervalMs) => {
  expect(() => sessions$(client, { intervalMs: intervalMs as number })).toThrow(
    new TypeError(`sessions$: intervalMs must be a number from 1 to 2147483647, not ${intervalMs}`),
  );
});

test.for(notText)("preparedFile refuses the name %j", (name) => {
  expect(() => preparedFile(name as string)).toThrow(TypeError);
  expect(() => preparedFile(name as string)).toThrow(/^preparedFile: the file name (?:must be a string|is)/);
});

test.for(notMs)("sampleTransfers refuses the period %j", (periodMs) => {
  if (periodMs === undefined) return;
  expect(() => sampleTransfers(periodMs as number)).toThrow(TypeError);
});

test.for([{ limit: -1 }, { limit: Number.NaN }, { limit: "3" }, ...notMs.map((baseDelayMs) => ({ baseDelayMs }))])(
  "reopenWhenLost refuses %j",
  (options) => {
    expect(() => reopenWhenLost(options as object)).toThrow(TypeError);
  },
);
