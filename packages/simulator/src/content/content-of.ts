import type { FileSeed } from "../inventory/seed.ts";
import { bufferContent } from "./buffer-content.ts";
import type { Content } from "./content.ts";
import { fileContent } from "./file-content.ts";
import { seededContent } from "./seeded-content.ts";

/** The content that a seed describes. */
export function contentOf(seed: FileSeed): Content {
  if ("bytes" in seed) return bufferContent(seed.bytes);
  if ("text" in seed) return bufferContent(new TextEncoder().encode(seed.text));
  if ("path" in seed) return fileContent(seed.path);
  return seededContent(seed.seed ?? seed.name, seed.sizeBytes);
}
