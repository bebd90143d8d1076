export type { Place, PlaceKind, Recipe } from "./place.ts";
export { testSink } from "./test-sink.ts";
