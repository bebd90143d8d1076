import { seededContent } from "@carrel/vcsim";

/** A file with generated content, which depends on the name. */
export interface ContractFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** The files that are uploaded, and later downloaded. */
export const contractFiles = {
  empty: { name: "empty.nvram", sizeBytes: 0 },
  small: { name: "small.txt", sizeBytes: 1234 },
  large: { name: "large disk.iso", sizeBytes: 300_000 },
} satisfies Record<string, ContractFile>;

/** The bytes of a file, in memory. */
export function contentOf({ name, sizeBytes }: ContractFile): Buffer {
  return Buffer.concat([...seededContent(name, sizeBytes)]);
}
