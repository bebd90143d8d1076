import type { PackageNote, PackageNoteReason } from "../download/package-report.ts";
import { quote } from "./names.ts";

type Describe = (note: Required<Pick<PackageNote, "named" | "file" | "value">>) => string;

const texts: Readonly<Record<PackageNoteReason, Describe>> = {
  unavailable: () => "it could not be fetched",
  "too-large": () => "it is too large (more than 4 MiB)",
  encoding: () => "it is not text in UTF-8, or in UTF-16 with a byte order mark",
  empty: () => "it is empty",
  "unreadable-line": ({ value }) => `${quote(value)} is not a digest of a file`,
  "unknown-algorithm": ({ named, value }) => `the algorithm ${quote(value)} of ${quote(named)} is unknown`,
  "digest-length": ({ named, value }) => `${quote(value)} of ${quote(named)} is not a digest of that algorithm`,
  missing: ({ named }) => `it names ${quote(named)}, which is missing`,
  "missing-optional": ({ named }) => `it names ${quote(named)}, which is missing`,
  "ambiguous-name": ({ named }) => `it names ${quote(named)}, and several files have a similar name`,
  "in-pieces": ({ named }) => `it names ${quote(named)}, whose pieces were not joined and compared`,
  "unreadable-file": ({ named }) => `it names ${quote(named)}, whose bytes cannot be located (a link or a sparse file)`,
  contradicted: ({ named }) => `it states a different digest for ${quote(named)}`,
  "other-spelling": ({ file, named }) => `it names ${exactly(named)}, which was compared with ${exactly(file)}`,
  "not-an-archive": () => "it is not a tar archive",
  truncated: () => "it ends in the middle of a member",
  damaged: () => "it is damaged where a member should begin",
  "data-after-end": () => "data follows its end",
  "not-compared": () => "it was not compared with the manifests inside it, which requires a file rather than a stream",
  "too-many-members": () => "it has more than 100000 members, or pieces of one, and was not read to the end",
  "repeated-member": ({ file }) => `several members are named ${quote(file)}: the last one was used`,
};

/**
 * Words a note as a part of a sentence, such as `line 2 of "photon.mf": the algorithm "SHA3-256" of "disk.vmdk" is unknown`.
 *
 * @private Does not follow semantic versioning.
 */
export function noteText({ reason, manifest, line, named = "", file = "", value = "", more }: PackageNote): string {
  const where = manifest === undefined ? quote(file) : quote(manifest);
  const subject = reason === "repeated-member" ? "" : `${line === undefined ? "" : `line ${line} of `}${where}: `;
  const rest = more === undefined ? "" : ` (and ${more} more)`;
  return `${subject}${texts[reason]({ named, file, value })}${rest}`;
}

/** Spells out combining marks in a name: an accented letter is one character or two, and looks the same. */
function exactly(name: string): string {
  return quote(name).replaceAll(/\p{M}/gu, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);
}
