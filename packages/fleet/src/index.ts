/** Fleets of vCenters, described by a document. @packageDocumentation */
export * from "./document.ts";
