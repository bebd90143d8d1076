import type { Digest, DigestAlgorithm } from "../files/digest-algorithm.ts";

/** What an OVF manifest (`.mf`) says of the files of its package. */
export interface Manifest {
  /** The digest of each file that it names. */
  readonly digests: ReadonlyMap<string, Digest>;
  /** Numbers of the lines that are not understood, the first line being 1. Such lines judge nothing. */
  readonly unreadLines: readonly number[];
}

const line = /^\s*(SHA-?1|SHA-?256|SHA-?512)\s*\((.+)\)\s*=\s*([0-9a-f]+)\s*$/i;
const hexLength: Readonly<Record<DigestAlgorithm, number>> = { sha1: 40, md5: 32, sha256: 64, sha512: 128 };

/** Reads the text of a manifest: one line `SHA256(name)= hex` for each file. */
export function parseManifest(text: string): Manifest {
  const digests = new Map<string, Digest>();
  const unreadLines: number[] = [];
  for (const [index, content] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (content.trim() === "") continue;
    const [, name, file, hex] = line.exec(content) ?? [];
    const algorithm = name?.toLowerCase().replace("-", "") as DigestAlgorithm | undefined;
    if (algorithm === undefined || file === undefined || hex?.length !== hexLength[algorithm] || digests.has(file)) {
      unreadLines.push(index + 1);
    } else {
      digests.set(file, { algorithm, hex: hex.toLowerCase() });
    }
  }
  return { digests, unreadLines };
}

/** The manifest among the files of an item; `undefined` where there is none, or more than one. */
export function manifestName(names: readonly string[]): string | undefined {
  const found = names.filter((name) => /\.mf$/i.test(name));
  return found.length === 1 ? found[0] : undefined;
}
