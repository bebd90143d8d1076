import type { ManifestReport, PackageNote } from "@carrel/core";
import type { Digest } from "../files/checksum.ts";
import { nameKey } from "../files/names.ts";
import { isAppleDouble, isManifest } from "./manifest.ts";
import type { DigestLine, Manifest } from "./manifest.ts";
import { memberPath } from "./tar.ts";

/** What one line of a manifest states of a file. */
export interface Claim {
  readonly manifest: string;
  readonly line: number;
  /** The file, as it is written in the manifest. */
  readonly named: string;
  readonly digest: Digest;
  /** The files whose bytes, one after the other, have that digest: one, or the pieces of one. */
  readonly files: readonly string[];
}

/** What makes no difference to whether a file was proved. */
const harmless = new Set<PackageNote["reason"]>(["other-spelling", "missing-optional", "repeated-member"]);
const maxNotes = 100;

/**
 * Finds which file of a package each line of its manifests is about, and keeps account of what the lines proved. Knows
 * names only: comparing the bytes is left to others.
 */
export class PackageCheck {
  /** In the order of the manifests and their lines. */
  readonly claims: readonly Claim[];
  readonly #files: readonly string[];
  readonly #manifests: readonly Manifest[];
  readonly #paths = new Map<string, string>();
  readonly #near = new Map<string, string[]>();
  /** Paths that lines name exactly: such a file is not meant by a name that is only nearly its own. */
  readonly #exact = new Set<string>();
  /** Names of manifests and their certificates, which no manifest can prove. */
  readonly #own = new Set<string>();
  readonly #notes = new Map<string, PackageNote[]>();
  readonly #claimsOf = new Map<string, Claim[]>();
  /** Claims that prove nothing. */
  readonly #void = new Set<Claim>();
  readonly #doubtsOf = new Map<string, PackageNote[]>();

  /** `files` are the names of all files of the package, with their folders where they have some. */
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

  /** What the manifests state of a file. */
  claimsOf(file: string): readonly Claim[] {
    return this.#claimsOf.get(file)?.filter((claim) => !this.#void.has(claim)) ?? [];
  }

  /** Notes something about files. */
  note(note: PackageNote, files: readonly string[] = []): void {
    if (note.manifest !== undefined) this.#notes.get(note.manifest)?.push(note);
    if (harmless.has(note.reason)) return;
    for (const file of files) append(this.#doubtsOf, file, note);
  }

  /** Notes that a claim proves nothing, and why. */
  refute(claim: Claim, reason: "contradicted" | "unreadable-file" | "in-pieces"): void {
    const { manifest, line, named, files } = claim;
    const [file = named] = files;
    const note: PackageNote = { reason, manifest, line, named, ...(files.length === 1 && { file }) };
    this.note(note, files);
    this.#void.add(claim);
  }

  /** Whether a line proved the file, and none contradicts it. */
  isProved(file: string): boolean {
    const isContradicted = this.#doubtsOf.get(file)?.some(({ reason }) => reason === "contradicted") ?? false;
    return this.claimsOf(file).length > 0 && !isContradicted;
  }

  /** Why the manifests, which should have proved the file, do not; empty where they do, or are silent of it. */
  doubtsOf(file: string): readonly PackageNote[] {
    if (this.isProved(file) || this.#manifests.length === 0 || this.#isBeside(file)) return [];
    const own = this.#doubtsOf.get(file) ?? [];
    if (own.length > 0) return limited(own);
    // Whatever says nothing may have been meant for it.
    return limited([...this.#notes.values()].flat().filter((note) => mayConcernAny(note)));
  }

  /** Files that no manifest names, nor has a doubt about. */
  unnamed(): readonly string[] {
    return this.#files.filter(
      (file) => this.claimsOf(file).length === 0 && !this.#doubtsOf.has(file) && !this.#isBeside(file),
    );
  }

  /** Whether all files are proved, and all that are named are there. */
  isComplete(): boolean {
    const others = this.#files.filter((file) => !this.#isBeside(file));
    return others.length > 0 && others.every((file) => this.isProved(file)) && this.missing().length === 0;
  }

  /** Notes of files that should be there. */
  missing(): readonly PackageNote[] {
    return [...this.#notes.values()].flat().filter(({ reason }) => reason === "missing");
  }

  /** Sums up. Files that are not among `present` were not compared. */
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
    return this.isProved(file) && this.claimsOf(file).some((claim) => claim.manifest === manifest);
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
    this.note({ ...note, reason: /\.nvram$/i.test(named) ? "missing-optional" : "missing" });
    return [];
  }

  /**
   * Files that have nearly that name: with the slashes of Windows, percent-encoded, or from the folder of the package on;
   * else in another Unicode form; else in other upper and lower case.
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

  /** `disk.vmdk.000000000` and so on: how OVF stores a file in pieces. */
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

  /** Manifests, their certificates and what macOS adds need no proof. */
  #isBeside(file: string): boolean {
    return isManifest(file) || isAppleDouble(file) || this.#own.has(nearKey(file));
  }
}

/** As descriptors write names: a space is %20. */
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
  return [own, own.replace(/\.mf$/, ".cert")];
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

/** At most so many notes of each reason. */
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
