import type { FileSeed } from "../model/seed.ts";
import { bufferContent } from "../content/buffer-content.ts";
import type { Content } from "../content/content.ts";
import { fileContent } from "../content/file-content.ts";
import { seededContent } from "../content/seeded-content.ts";

/** The content that a seed describes. */
export function contentOf(seed: FileSeed): Content {
  if ("bytes" in seed) return bufferContent(seed.bytes);
  if ("text" in seed) return bufferContent(new TextEncoder().encode(seed.text));
  if ("path" in seed) return fileContent(seed.path);
  return seededContent(seed.seed ?? seed.name, seed.sizeBytes);
}
