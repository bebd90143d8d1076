import type { ChecksumAlgorithm, ChecksumInfo } from "@carrel/core";
import { digestOf } from "../content/digest.ts";
import type { ItemFile } from "../model/library.ts";

/** The checksum that the server states for a file: the true one, unless its seed says otherwise. */
export async function checksumOf(file: ItemFile, algorithm: ChecksumAlgorithm): Promise<ChecksumInfo> {
  return file.states.checksum ?? { algorithm, checksum: await digestOf(file.content, algorithm) };
}
