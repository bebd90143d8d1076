/**
 * What keeps an OVF manifest (`.mf`), or the archive that it is in, from proving a file, or should be known of how it did.
 *
 * Of a manifest as a whole:
 * - `unavailable`: it could not be fetched.
 * - `too-large`: it is larger than 4 MiB, and was not read.
 * - `encoding`: it is neither UTF-8 nor UTF-16 with a byte order mark.
 * - `empty`: it has no lines.
 *
 * Of one line, which proves nothing:
 * - `unreadable-line`: it does not have the form of a digest.
 * - `unknown-algorithm`: its algorithm (`value`) is none of SHA-1, SHA-256, SHA-512 and MD5.
 * - `digest-length`: its digest does not have the length of its algorithm's.
 * - `missing`: the package has no file of the name that it gives.
 * - `missing-optional`: the same of an `.nvram` file, which exports leave out.
 * - `ambiguous-name`: several files have nearly the name that it gives, and none has exactly that one.
 * - `in-pieces`: the file that it names is stored in pieces, which are not put together here.
 * - `unreadable-file`: the bytes of the archive's member that it names cannot be located (a sparse file of an unknown kind,
 *   or one with too many holes; a link to nothing).
 * - `contradicted`: the file has another digest. Reported only with `manifest: "report"`, otherwise it is an error.
 *
 * Of one line that was used:
 * - `other-spelling`: the file's name (`file`) differs from the one in the manifest (`named`) in upper and lower case, in
 *   its Unicode form, in percent-encoding, or in how its folder is written.
 *
 * Of an archive:
 * - `not-an-archive`: it is not a tar archive.
 * - `truncated`: it ends in the middle of a member. Reported only where the server's checksum has proved the archive.
 * - `damaged`: something that is not a member stands where one should begin.
 * - `data-after-end`: something follows its end.
 * - `not-compared`: it was read as a stream, and could not be compared with its manifests in passing (sparse members, say).
 * - `too-many-members`: it has more than 100_000, or one of them has more than 100_000 pieces; the rest was not read.
 * - `repeated-member`: several members have one name; the last one was used, as by tar.
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
 * Something that was found while files were compared with OVF manifests, such as
 * `{ reason: "unknown-algorithm", manifest: "photon.mf", line: 2, named: "disk.vmdk", value: "SHA3-256" }`.
 */
export interface PackageNote {
  readonly reason: PackageNoteReason;
  /** The manifest that it is about. */
  readonly manifest?: string;
  /** Number of the line, the first being 1. */
  readonly line?: number;
  /** The name that the line gives. */
  readonly named?: string;
  /** The file, or member of an archive, that it is about. */
  readonly file?: string;
  /** The part that could not be used: an algorithm, a digest, the text of a line, at most 100 characters of it. */
  readonly value?: string;
  /** Notes of the same reason that follow and are left out: there are at most 100 of each. */
  readonly more?: number;
}

/**
 * What became of one OVF manifest, such as
 * `{ name: "photon.mf", matched: ["photon.ovf", "disk.vmdk"], notDownloaded: [], unnamed: [], notes: [] }`.
 * Each of its lines counts in `matched` or `notDownloaded`, or is in `notes`; a line about the manifest itself or its
 * certificate means nothing.
 */
export interface ManifestReport {
  readonly name: string;
  /** Files that have the digests which its lines state, all of them. */
  readonly matched: readonly string[];
  /** Files that it names, which the item has, and which were not asked for. */
  readonly notDownloaded: readonly string[];
  /** Files of the package that no manifest names, besides manifests and their certificates. */
  readonly unnamed: readonly string[];
  readonly notes: readonly PackageNote[];
}

/**
 * What is in an OVA archive, such as
 * `{ manifests: [{ name: "photon.mf", matched: ["photon.ovf"], … }], notes: [{ reason: "data-after-end" }] }`.
 */
export interface ArchiveReport {
  /** The manifests inside it. Their files are members of the archive. */
  readonly manifests: readonly ManifestReport[];
  /** What is to be known of the archive itself. */
  readonly notes: readonly PackageNote[];
}
