import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { Document, Style } from "./document.ts";
import type { RawDocument } from "./raw-document.ts";
import { readDocument } from "./read-document.ts";

/** Reads `models.yaml`, `api.yaml` and `rest.yaml` of a folder. */
export async function readOurs(folder: URL): Promise<Readonly<Record<Style, Document>>> {
  const read = async (name: string): Promise<RawDocument> =>
    parse(await readFile(new URL(name, folder), "utf8")) as RawDocument;
  const [models, api, rest] = await Promise.all([read("models.yaml"), read("api.yaml"), read("rest.yaml")]);
  const more = new Map([["models.yaml", models]]);
  return { api: readDocument(api, "api.yaml", { more }), rest: readDocument(rest, "rest.yaml", { more }) };
}
