import type { CarrelClient } from "@carrel/core";
import { expect, test } from "vitest";
import { preparedFile, reopenWhenLost, sampleTransfers, session$, sessions$ } from "../src/index.ts";

const client = {} as CarrelClient;
const notText = [undefined, null, 7, "", {}, ["item-1"]];
const notMs = [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", null];

/** What an option that is out of range, or no number at all, is refused with. */
function refusal(value: unknown, message: string, name: string): Error {
  if (typeof value === "number") return new RangeError(message);
  return new TypeError(`${name} must be a number: got ${JSON.stringify(value)}`);
}

test.for(notText)("session$ refuses the item id %j", (itemId) => {
  expect(() => session$(client, itemId as string)).toThrow(TypeError);
  expect(() => session$(client, itemId as string)).toThrow(
    /^session\$: itemId (?:must be a string: got (?:null|7|an object|an array)|is (?:empty|undefined), as when nothing was found)$/,
  );
});

test.for(notMs)("session$ refuses lingerMs: %j", (lingerMs) => {
  expect(() => session$(client, "item-1", { lingerMs: lingerMs as number })).toThrow(
    refusal(lingerMs, `lingerMs must be a number from 0 to 2147483647: got ${lingerMs}`, "lingerMs"),
  );
});

test.for([0, 1, -0.5, 2, Number.NaN, "0.5", null])("session$ refuses renewAt: %j", (renewAt) => {
  expect(() => session$(client, "item-1", { renewAt: renewAt as number })).toThrow(
    refusal(renewAt, `renewAt must be between 0 and 1 (exclusive): got ${renewAt}`, "renewAt"),
  );
});

test.for([0, ...notMs])("sessions$ refuses intervalMs: %j", (intervalMs) => {
  expect(() => sessions$(client, { intervalMs: intervalMs as number })).toThrow(
    refusal(intervalMs, `intervalMs must be a number from 1 to 2147483647: got ${intervalMs}`, "intervalMs"),
  );
});

test.for(notText)("preparedFile refuses the name %j", (name) => {
  expect(() => preparedFile(name as string)).toThrow(TypeError);
  expect(() => preparedFile(name as string)).toThrow(/^preparedFile: fileName (?:must be a string|is)/);
});

test.for(notMs)("sampleTransfers refuses the period %j", (periodMs) => {
  if (periodMs === undefined) return;
  expect(() => sampleTransfers(periodMs as number)).toThrow(typeof periodMs === "number" ? RangeError : TypeError);
});

test.for([{ limit: -1 }, { limit: Number.NaN }, { limit: "3" }, ...notMs.map((baseDelayMs) => ({ baseDelayMs }))])(
  "reopenWhenLost refuses %j",
  (options) => {
    const [value] = Object.values(options);
    expect(() => reopenWhenLost(options as object)).toThrow(typeof value === "number" ? RangeError : TypeError);
  },
);
