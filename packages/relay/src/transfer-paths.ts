import { randomBytes } from "node:crypto";
import type { TransferEndpoint } from "@carrel/core";
import { isObject } from "@carrel/core/kit";

/** A transfer URL that was seen in an answer. */
export interface SeenEndpoint {
  readonly endpoint: TransferEndpoint;
  readonly fileName: string;
  /** Whose answer it was. */
  readonly owner: string;
}

/** The largest number that is kept. The oldest is forgotten then, and its reader prepares the file again. */
const mostSeen = 10_000;

/** Knows which path of the relay stands for which transfer URL. */
export class TransferPaths {
  readonly #base: string;
  readonly #byToken = new Map<string, SeenEndpoint>();
  readonly #tokens = new Map<string, string>();

  /** @param base - The path that all of them are below. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Returns the JSON text of an answer with a path in place of each transfer URL, and without the certificates at these. */
  hide(json: string, owner: string): string {
    if (!/"(?:file_)?download_endpoint"/u.test(json)) return json;
    const pathOf = (endpoint: TransferEndpoint, fileName: unknown): string =>
      this.#pathOf({ endpoint, fileName: String(fileName), owner });
    const hidden: unknown = JSON.parse(json, function replace(this: { name?: unknown }, key, value: unknown) {
      if (key === "download_endpoint" && isObject(value) && isUrl(value["uri"])) {
        return { uri: pathOf(value as unknown as TransferEndpoint, this.name) };
      }
      if (key === "file_download_endpoint" && isUrl(value)) return pathOf({ uri: value }, this.name);
      // Such as the location on a datastore, which no browser can read.
      return key === "download_endpoint" || key === "file_download_endpoint" ? undefined : value;
    });
    return JSON.stringify(hidden);
  }

  /** Returns what a path stands for, to its owner only. */
  find(path: string, owner: string): SeenEndpoint | undefined {
    const [, token = ""] = path.startsWith(`${this.#base}/`) ? path.slice(this.#base.length).split("/") : [];
    const seen = this.#byToken.get(token);
    return seen?.owner === owner ? seen : undefined;
  }

  /** Forgets all of an owner. */
  forget(owner: string): void {
    for (const [token, seen] of this.#byToken) if (seen.owner === owner) this.#drop(token, seen);
  }

  #pathOf(seen: SeenEndpoint): string {
    const key = keyOf(seen);
    const token = this.#tokens.get(key) ?? randomBytes(24).toString("base64url");
    this.#byToken.delete(token);
    this.#byToken.set(token, seen);
    this.#tokens.set(key, token);
    const [oldest] = this.#byToken;
    if (this.#byToken.size > mostSeen && oldest) this.#drop(...oldest);
    return `${this.#base}/${token}/${encodeURIComponent(seen.fileName.toWellFormed())}`;
  }

  #drop(token: string, seen: SeenEndpoint): void {
    this.#byToken.delete(token);
    this.#tokens.delete(keyOf(seen));
  }
}

function keyOf({ owner, endpoint, fileName }: SeenEndpoint): string {
  return JSON.stringify([owner, endpoint.uri, fileName]);
}

function isUrl(value: unknown): value is string {
  return typeof value === "string" && /^https?:/iu.test(value.trim());
}
