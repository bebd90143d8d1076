import { IntegrityError } from "@carrel/core";
import type { DigestAlgorithm } from "../files/digest-algorithm.ts";
import { quote } from "../files/names.ts";
import { manifestName, parseManifest } from "./manifest.ts";
import { listTar } from "./tar.ts";
import type { ReadAt, TarMember } from "./tar.ts";

/** An OVA archive to look into. */
export interface OvaArchive {
  readonly name: string;
  readonly sizeBytes: number;
  readonly read: ReadAt;
  /** The digest of a part of the archive. */
  readonly digestOf: (algorithm: DigestAlgorithm, start: number, sizeBytes: number) => Promise<string>;
}

/** What the manifest inside an archive is about. */
export interface OvaFindings {
  /** Name of the manifest. */
  readonly manifest: string;
  /** Members whose digest is the one in the manifest. */
  readonly matched: readonly string[];
  /** Members that the manifest does not name, besides itself and the certificate. */
  readonly unnamed: readonly string[];
  readonly unreadLines: readonly number[];
}

const maxManifestBytes = 4_194_304;

/**
 * Checks the members of an OVA archive by the manifest inside it; `undefined` where it has none, or is no archive.
 *
 * @throws {@link IntegrityError} `INTEGRITY`: the archive is cut off, a member is missing, or one has another digest.
 */
export async function checkOva({ name, sizeBytes, read, digestOf }: OvaArchive): Promise<OvaFindings | undefined> {
  const listing = await listTar(read, sizeBytes);
  if (listing === undefined) return undefined;
  if (listing.isCutOff)
    throw new IntegrityError(`${quote(name)} ends in the middle of the archive that it is.`, {
      problem: "archive",
    });
  const members = new Map(listing.members.map((member) => [member.name, member]));
  const manifest = members.get(manifestName([...members.keys()]) ?? "");
  if (manifest === undefined || manifest.sizeBytes > maxManifestBytes) return undefined;
  const text = Buffer.from(await read(manifest.start, manifest.sizeBytes)).toString("utf8");
  const { digests, unreadLines } = parseManifest(text);
  for (const [memberName, { algorithm, hex }] of digests) {
    const member = members.get(memberName);
    const actual = member && (await digestOf(algorithm, member.start, member.sizeBytes));
    if (actual !== hex) throw contradicted(name, memberName, member);
  }
  const rest = [...members.keys()].filter((member) => !digests.has(member) && !/\.(?:mf|cert)$/i.test(member));
  return { manifest: manifest.name, matched: [...digests.keys()], unnamed: rest, unreadLines };
}

function contradicted(archive: string, name: string, member: TarMember | undefined): IntegrityError {
  const what = member === undefined ? "is not in the archive" : "does not match it";
  return new IntegrityError(`${quote(archive)} is not what its manifest says: ${quote(name)} ${what}`, {
    problem: "archive",
  });
}
