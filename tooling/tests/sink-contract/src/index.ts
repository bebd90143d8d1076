export type { Place, PlaceKind, Recipe } from "./place.ts";
export { contentOf } from "./content.ts";
export { testSink } from "./test-sink.ts";
export { fileName, Writer } from "./writer.ts";
