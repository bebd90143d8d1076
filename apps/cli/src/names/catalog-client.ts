import type { CarrelClient } from "@carrel/core";

/** What lists libraries, items and files: the client of a vCenter, or a published library. */
export interface CatalogClient {
  /** Of its server. */
  readonly origin: string;
  /** Takes the place of the library's name in paths, where the library is one that a web server publishes. */
  readonly address?: string;
  readonly library: Pick<CarrelClient["library"], "list" | "find" | "get">;
  readonly item: Pick<CarrelClient["item"], "list" | "find" | "get"> & {
    readonly file: Pick<CarrelClient["item"]["file"], "list">;
  };
}
