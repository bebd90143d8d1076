import type { ManifestReport, PackageNote } from "../download/package-report.ts";
import type { Digest } from "./checksum.ts";
import { memberPath, nameKey } from "./names.ts";
import { isAppleDouble, isManifest } from "./manifest.ts";
import type { DigestLine, Manifest } from "./manifest.ts";

/**
 * What one line of a manifest states about a file.
 *
 * @private Does not follow semantic versioning.
 */
export interface Claim {
  readonly manifest: string;
  readonly line: number;
  /** The file, as the manifest writes it. */
  readonly named: string;
  readonly digest: Digest;
  /** The files whose bytes, one after another, have that digest: one file, or the pieces of one. */
  readonly files: readonly string[];
}

/** Notes that make no difference to whether a file is verified. */
const harmless = new Set<PackageNote["reason"]>(["other-spelling", "missing-optional", "repeated-member"]);
const maxNotes = 100;

/**
 * Finds which file of a package each line of its manifests is about, and keeps account of what the lines verify. Works on
 * names only: comparing the bytes is left to the caller.
 *
 * @private Does not follow semantic versioning.
 */
export class PackageCheck {
  /** In the order of the manifests and their lines. */
  readonly claims: readonly Claim[];
  readonly #files: readonly string[];
  readonly #manifests: readonly Manifest[];
  readonly #paths = new Map<string, string>();
  readonly #near = new Map<string, string[]>();
  /** Paths that lines name exactly: a merely similar name does not mean such a file. */
  readonly #exact = new Set<string>();
  /** Names of manifests and their certificates, which no manifest can verify. */
  readonly #own = new Set<string>();
  readonly #notes = new Map<string, PackageNote[]>();
  readonly #claimsOf = new Map<string, Claim[]>();
  /** Claims that verify nothing. */
  readonly #void = new Set<Claim>();
  readonly #doubtsOf = new Map<string, PackageNote[]>();

  /** `files` are the names of all files of the package, with their directories where they have any. */
  constructor(manifests: readonly Manifest[], files: readonly string[]) {
    this.#manifests = manifests;
    this.#files = files;
    for (const file of files) {
      const path = memberPath(file);
      this.#paths.set(path, file);
      append(this.#near, nearKey(path), path);
    }
    for (const manifest of manifests) {
      this.#notes.set(manifest.name, []);
      for (const key of ownKeys(manifest)) this.#own.add(key);
      for (const { named } of manifest.lines) this.#exact.add(pathOf(manifest, named));
    }
    const claims: Claim[] = [];
    for (const manifest of manifests) {
      for (const line of manifest.lines) claims.push(...this.#claimOf(manifest, line));
      for (const note of manifest.notes) this.note(note, this.#filesLike(manifest, note.named));
    }
    this.claims = claims;
    for (const claim of claims) {
      for (const file of claim.files) append(this.#claimsOf, file, claim);
    }
  }

  /** Returns what the manifests state about a file. */
  claimsOf(file: string): readonly Claim[] {
    return this.#claimsOf.get(file)?.filter((claim) => !this.#void.has(claim)) ?? [];
  }

  /** Records a note about files. */
  note(note: PackageNote, files: readonly string[] = []): void {
    if (note.manifest !== undefined) this.#notes.get(note.manifest)?.push(note);
    if (harmless.has(note.reason)) return;
    for (const file of files) append(this.#doubtsOf, file, note);
  }

  /** Records that a claim verifies nothing, and why. */
  refute(claim: Claim, reason: "contradicted" | "unreadable-file" | "in-pieces"): void {
    const { manifest, line, named, files } = claim;
    const [file = named] = files;
    const note: PackageNote = { reason, manifest, line, named, ...(files.length === 1 && { file }) };
    this.note(note, files);
    this.#void.add(claim);
  }

  /** Whether a line verifies the file, and none contradicts it. */
  isVerified(file: string): boolean {
    const isContradicted = this.#doubtsOf.get(file)?.some(({ reason }) => reason === "contradicted") ?? false;
    return this.claimsOf(file).length > 0 && !isContradicted;
  }

  /** Returns why the manifests do not verify a file that they should; empty where they do, or do not mention it. */
  doubtsOf(file: string): readonly PackageNote[] {
    if (this.isVerified(file) || this.#manifests.length === 0 || this.#isBeside(file)) return [];
    const own = this.#doubtsOf.get(file) ?? [];
    if (own.length > 0) return limited(own);
    // A note without a file may have been about this one.
    return limited([...this.#notes.values()].flat().filter((note) => mayConcernAny(note)));
  }

  /** Returns the files that no manifest names, even with a doubt. */
  unnamed(): readonly string[] {
    return this.#files.filter(
      (file) => this.claimsOf(file).length === 0 && !this.#doubtsOf.has(file) && !this.#isBeside(file),
    );
  }

  /** Whether all files are verified, and all named files exist. */
  isComplete(): boolean {
    const others = this.#files.filter((file) => !this.#isBeside(file));
    return others.length > 0 && others.every((file) => this.isVerified(file)) && this.missing().length === 0;
  }

  /** Returns the notes about named files that are missing. */
  missing(): readonly PackageNote[] {
    return [...this.#notes.values()].flat().filter(({ reason }) => reason === "missing");
  }

  /** Summarizes each manifest. Files that are not among `present` were not compared. */
  reports(present: ReadonlySet<string>): readonly ManifestReport[] {
    const unnamed = this.#manifests.length === 0 ? [] : this.unnamed();
    return this.#manifests.map(({ name }) => {
      const named = [...new Set(this.claims.filter(({ manifest }) => manifest === name).flatMap(({ files }) => files))];
      return {
        name,
        matched: named.filter((file) => present.has(file) && this.#isMatched(file, name)),
        notDownloaded: named.filter((file) => !present.has(file)),
        unnamed,
        notes: limited((this.#notes.get(name) ?? []).toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))),
      };
    });
  }

  #isMatched(file: string, manifest: string): boolean {
    return this.isVerified(file) && this.claimsOf(file).some((claim) => claim.manifest === manifest);
  }

  #claimOf(manifest: Manifest, { line, named, digest }: DigestLine): readonly Claim[] {
    const path = pathOf(manifest, named);
    if (ownKeys(manifest).includes(nearKey(path))) return [];
    const claim = { manifest: manifest.name, line, named, digest };
    const exact = this.#paths.get(path);
    if (exact !== undefined) return [{ ...claim, files: [exact] }];
    const note = { manifest: manifest.name, line, named };
    const near = this.#nearTo(manifest, path, named);
    if (near.length > 1) this.note({ ...note, reason: "ambiguous-name" }, near);
    const [file] = near;
    if (near.length === 1 && file !== undefined) {
      this.note({ ...note, reason: "other-spelling", file });
      return [{ ...claim, files: [file] }];
    }
    if (near.length > 0) return [];
    const pieces = this.#piecesOf(path);
    if (pieces.length > 0) return [{ ...claim, files: pieces }];
    this.note({ ...note, reason: /\.nvram$/iu.test(named) ? "missing-optional" : "missing" });
    return [];
  }

  /**
   * Returns the files with a similar name: with backslashes, percent-encoded, or relative to the directory of the package;
   * otherwise in another Unicode form; otherwise in different upper and lower case.
   */
  #nearTo(manifest: Manifest, path: string, named: string): readonly string[] {
    const plain = named.trim().replaceAll("\\", "/");
    const written = [plain, decoded(plain)].flatMap((each) => [pathOf(manifest, each), memberPath(each)]);
    const [same] = written.filter((each) => this.#paths.has(each));
    const candidates = new Set(written.flatMap((wanted) => this.#near.get(nearKey(wanted)) ?? []));
    const free = [...candidates].filter((found) => !this.#exact.has(found));
    const alike = free.filter((found) => found.normalize() === path.normalize());
    const near = same === undefined ? (alike.length > 0 ? alike : free) : [same];
    return near.map((each) => this.#paths.get(each) ?? each);
  }

  /** Returns the pieces of a file, which OVF names `disk.vmdk.000000000` and so on. */
  #piecesOf(path: string): readonly string[] {
    const pieces: string[] = [];
    for (;;) {
      const piece = this.#paths.get(`${path}.${String(pieces.length).padStart(9, "0")}`);
      if (piece === undefined) return pieces;
      pieces.push(piece);
    }
  }

  #filesLike(manifest: Manifest, named: string | undefined): readonly string[] {
    if (named === undefined) return [];
    const path = pathOf(manifest, named);
    const exact = this.#paths.get(path);
    if (exact !== undefined) return [exact];
    const near = this.#nearTo(manifest, path, named);
    return near.length > 0 ? near : this.#piecesOf(path);
  }

  /** Manifests, their certificates and what macOS adds need no verification. */
  #isBeside(file: string): boolean {
    return isManifest(file) || isAppleDouble(file) || this.#own.has(nearKey(file));
  }
}

/** Decodes a name as descriptors write it: a space is %20. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function pathOf(manifest: Manifest, named: string): string {
  return memberPath(`${manifest.name}/../${named}`);
}

/** The manifest itself and its certificate. */
function ownKeys({ name }: Manifest): readonly string[] {
  const own = nearKey(name);
  return [own, own.replace(/\.mf$/u, ".cert")];
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function nearKey(path: string): string {
  return nameKey(memberPath(path.trim().replaceAll("\\", "/")));
}

function mayConcernAny({ reason, named }: PackageNote): boolean {
  return reason === "missing" || (named === undefined && !harmless.has(reason));
}

/** At most {@link maxNotes} notes of each reason. */
function limited(notes: readonly PackageNote[]): readonly PackageNote[] {
  const counts = new Map<PackageNote["reason"], number>();
  for (const { reason } of notes) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if ([...counts.values()].every((count) => count <= maxNotes)) return notes;
  const kept = new Map<PackageNote["reason"], number>();
  return notes.flatMap((note) => {
    const index = (kept.get(note.reason) ?? 0) + 1;
    kept.set(note.reason, index);
    const more = (counts.get(note.reason) ?? 0) - maxNotes;
    if (index > maxNotes) return [];
    return index === maxNotes && more > 0 ? [{ ...note, more }] : [note];
  });
}
