import type { WireStyle } from "@carrel/core";

/** Where a scenario finds its server, and what is there. Plain JSON, so that it travels into any runtime. */
export interface TestServer {
  /** A vCenter of both wire styles that lets pages of other origins in. */
  readonly origin: string;
  /** The same one, but its answers have no `Date` header. */
  readonly datelessOrigin: string;
  /** A server that answers every call with a redirect. */
  readonly redirectingOrigin: string;
  /** An address where nothing listens. */
  readonly deadOrigin: string;
  readonly username: string;
  readonly password: string;
  readonly libraryName: string;
  readonly itemName: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** Something that must work on every platform. Written for the web platform's APIs alone. */
export interface Scenario {
  readonly name: string;
  readonly run: (target: TestServer, wire: WireStyle) => Promise<void>;
}

/** The wire styles, each of which every scenario is run in. */
export const wireStyles: readonly WireStyle[] = ["api", "rest"];

/** What the file holds: bytes that a reader can compute for itself. */
export function expectedBytes(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}
