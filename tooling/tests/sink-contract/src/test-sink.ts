import { describe } from "vitest";
import type { PlaceKind } from "./place.ts";
import { testDownloads } from "./promises/downloads.ts";
import { testEndings } from "./promises/endings.ts";
import { testExisting } from "./promises/existing.ts";
import { testKills } from "./promises/kills.ts";
import { testRecords } from "./promises/records.ts";
import { testResuming } from "./promises/resuming.ts";

/** Defines the tests of what a sink promises, for one kind of place. */
export function testSink(kind: PlaceKind): void {
  describe(`the promises of ${kind.name}`, () => {
    for (const define of [testEndings, testResuming, testKills, testExisting, testRecords, testDownloads]) define(kind);
  });
}
