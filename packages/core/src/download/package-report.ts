/**
 * Why an OVF manifest (`.mf`), or the archive that contains it, did not prove a file, or a remark on how it did.
 *
 * Of a manifest as a whole:
 * - `unavailable`: it could not be fetched.
 * - `too-large`: it is larger than 4 MiB and was not read.
 * - `encoding`: it is neither UTF-8 nor UTF-16 with a byte order mark.
 * - `empty`: it has no lines.
 *
 * Of one line, which then proves nothing:
 * - `unreadable-line`: it does not have the form of a line with a digest.
 * - `unknown-algorithm`: its algorithm (`value`) is none of SHA-1, SHA-256, SHA-512 and MD5.
 * - `digest-length`: its digest does not have the length that its algorithm requires.
 * - `missing`: the package has no file with the name that it gives.
 * - `missing-optional`: the same of an `.nvram` file, which exports omit.
 * - `ambiguous-name`: several files have nearly the name that it gives, but none has exactly that name.
 * - `in-pieces`: the file that it names is stored in pieces, which Carrel does not join.
 * - `unreadable-file`: the bytes of the archive's member that it names cannot be located (a sparse file of an unknown
 *   kind or with too many holes, or a link to nothing).
 * - `contradicted`: the file has another digest. Reported only with `manifest: "report"`; otherwise it is an error.
 *
 * Of one line that was used:
 * - `other-spelling`: the file's name (`file`) differs from the one in the manifest (`named`) in upper and lower case,
 *   in its Unicode form, in percent-encoding, or in how its directory is written.
 *
 * Of an archive:
 * - `not-an-archive`: it is not a tar archive.
 * - `truncated`: it ends in the middle of a member. Reported only where the server's checksum proved the archive.
 * - `damaged`: there is something other than a member where a member should begin.
 * - `data-after-end`: something follows its end.
 * - `not-compared`: it was read as a stream, and could not be compared with its manifests on the way (because of sparse
 *   members, say).
 * - `too-many-members`: it has more than 100_000, or one of them has more than 100_000 pieces; the rest was not read.
 * - `repeated-member`: several members have the same name; the last one was used, as tar does.
 */
export type PackageNoteReason =
  | "unavailable"
  | "too-large"
  | "encoding"
  | "empty"
  | "unreadable-line"
  | "unknown-algorithm"
  | "digest-length"
  | "missing"
  | "missing-optional"
  | "ambiguous-name"
  | "in-pieces"
  | "unreadable-file"
  | "contradicted"
  | "other-spelling"
  | "not-an-archive"
  | "truncated"
  | "damaged"
  | "data-after-end"
  | "not-compared"
  | "too-many-members"
  | "repeated-member";

/**
 * A note on the comparison of files with OVF manifests, such as
 * `{ reason: "unknown-algorithm", manifest: "photon.mf", line: 2, named: "disk.vmdk", value: "SHA3-256" }`.
 */
export interface PackageNote {
  readonly reason: PackageNoteReason;
  /** The manifest concerned. */
  readonly manifest?: string;
  /** The number of the line, starting at 1. */
  readonly line?: number;
  /** The name that the line gives. */
  readonly named?: string;
  /** The file, or the member of an archive, concerned. */
  readonly file?: string;
  /** The part that could not be used: an algorithm, a digest or the text of a line, at most 100 characters of it. */
  readonly value?: string;
  /** How many further notes with the same reason were omitted: at most 100 of each are kept. */
  readonly more?: number;
}

/**
 * The result of one OVF manifest, such as
 * `{ name: "photon.mf", matched: ["photon.ovf", "disk.vmdk"], notDownloaded: [], unnamed: [], notes: [] }`. Each of its
 * lines counts in `matched` or `notDownloaded`, or is in `notes`; a line about the manifest itself or its certificate
 * is ignored.
 */
export interface ManifestReport {
  readonly name: string;
  /** Files that have all the digests that its lines state. */
  readonly matched: readonly string[];
  /** Files that it names and the item has, but that were not requested. */
  readonly notDownloaded: readonly string[];
  /** Files of the package that no manifest names, except manifests and their certificates. */
  readonly unnamed: readonly string[];
  readonly notes: readonly PackageNote[];
}

/**
 * The result of an OVA archive, such as
 * `{ manifests: [{ name: "photon.mf", matched: ["photon.ovf"], … }], notes: [{ reason: "data-after-end" }] }`.
 */
export interface ArchiveReport {
  /** The manifests inside it. Their files are members of the archive. */
  readonly manifests: readonly ManifestReport[];
  /** Notes on the archive itself. */
  readonly notes: readonly PackageNote[];
}
