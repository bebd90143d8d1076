import { modelSchemas } from "@carrel/core/operations";
import { fileContent } from "../content/content.ts";
import {
  SimulatorInputError,
  filledText,
  flag,
  join,
  arrayOf,
  membersOf,
  objectOf,
  oneOf,
  refuse,
  text,
  whole,
} from "./check.ts";
import type { Check } from "./check.ts";

const algorithms = modelSchemas["ChecksumAlgorithm"]?.enum ?? [];
const sources = ["bytes", "text", "path", "sizeBytes"];

const states = objectOf({
  sizeBytes: whole(0),
  checksum: objectOf({ algorithm: oneOf(algorithms), checksum: text }, ["checksum"]),
});

const members = objectOf(
  {
    name: filledText,
    states,
    bytes: (value, place) => {
      if (!(value instanceof Uint8Array)) refuse(place, "a Uint8Array", value);
    },
    text,
    path: readableFile,
    sizeBytes: whole(0),
    seed: (value, place) => {
      if (typeof value !== "string" && typeof value !== "number") refuse(place, "a string or a number", value);
    },
  },
  ["name"],
);

/** Checks the seed of a file. */
export const checkFile: Check = (value, place) => {
  members(value, place);
  const given = membersOf(value, place);
  const found = sources.filter((source) => given[source] !== undefined);
  if (found.length === 0) throw new SimulatorInputError(place, `has no content: it needs one of ${sources.join(", ")}`);
  if (found.length > 1)
    throw new SimulatorInputError(place, `has content from ${found.join(" and ")}: only one may be given`);
  if (given["seed"] !== undefined && given["sizeBytes"] === undefined) {
    throw new SimulatorInputError(join(place, "seed"), "requires sizeBytes");
  }
};

/** Checks the seed of an item. */
export const checkItem: Check = (value, place) => {
  const seed = objectOf(
    {
      name: filledText,
      id: filledText,
      description: text,
      type: text,
      cached: flag,
      files: arrayOf(checkFile),
    },
    ["name"],
  );
  seed(value, place);
  noTwins(membersOf(value, place)["files"], join(place, "files"), "name");
};

/** Checks the seed of a library. */
export const checkLibrary: Check = (value, place) => {
  const seed = objectOf(
    {
      name: filledText,
      id: filledText,
      description: text,
      type: oneOf(["LOCAL", "SUBSCRIBED"]),
      onDemand: flag,
      items: arrayOf(checkItem),
    },
    ["name"],
  );
  seed(value, place);
  const given = membersOf(value, place);
  if (given["onDemand"] === true && given["type"] !== "SUBSCRIBED") {
    throw new SimulatorInputError(join(place, "onDemand"), 'requires type "SUBSCRIBED"');
  }
  noTwins(given["items"], join(place, "items"), "name");
  noTwins(given["items"], join(place, "items"), "id");
};

/** Checks the seeds of all libraries. */
export const checkLibraries: Check = (value, place) => {
  arrayOf(checkLibrary)(value, place);
  noTwins(value, place, "id");
};

function readableFile(value: unknown, place: string): void {
  if (typeof value !== "string" && !(value instanceof URL)) refuse(place, "a path or a file: URL", value);
  try {
    fileContent(value);
  } catch (error) {
    throw new SimulatorInputError(
      place,
      `is not a readable file: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function noTwins(list: unknown, place: string, member: "name" | "id"): void {
  const seen = new Map<unknown, number>();
  for (const [index, element] of ((list ?? []) as readonly Readonly<Record<string, unknown>>[]).entries()) {
    const value = element[member];
    const earlier = seen.get(value);
    if (value !== undefined && earlier !== undefined) {
      throw new SimulatorInputError(`${place}[${index}].${member}`, `is already that of ${place}[${earlier}]`);
    }
    seen.set(value, index);
  }
}
