import { createHash } from "node:crypto";
import { IntegrityError } from "@carrel/core";
import { quote } from "../files/names.ts";
import { maxDescriptorBytes } from "./descriptor.ts";
import { isAppleDouble, isManifest, parseManifest } from "./manifest.ts";
import { PackageCheck } from "./package-check.ts";
import { listTar } from "./tar.ts";

/** The beginning of an archive that {@link findOvaDescriptor} looks at: the longest descriptor, headers and a manifest. */
export const ovaStartBytes: number = maxDescriptorBytes + 262_144;

/** The descriptor at the beginning of an OVA archive, by {@link findOvaDescriptor}. */
export interface OvaDescriptor {
  /** Name of the member. */
  readonly name: string;
  /** For {@link readOvfDescriptor}. */
  readonly bytes: Uint8Array;
  /** `manifest`: a manifest that is at the beginning as well states its digest; `nothing`: there is none. */
  readonly verifiedBy: "manifest" | "nothing";
}

/**
 * Finds the descriptor in the beginning of an OVA archive, where the OVF standard requires it, so that its disks need not be
 * fetched. `undefined` where it is not there as a whole.
 *
 * Cost on the wire: none. `openItemFile` with `endByte: ovaStartBytes - 1` brings the bytes.
 *
 * @param start - The first bytes of the archive, {@link ovaStartBytes} at most. More are not looked at.
 * @throws `IntegrityError` `INTEGRITY`: the manifest states another digest of the descriptor (`problem` is `archive`).
 *
 * @example
 * ```ts
 * import { buffer } from "node:stream/consumers";
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemFile } from "@carrel/node-stream";
 * import { findOvaDescriptor, ovaStartBytes, readOvfDescriptor } from "@carrel/node-stream/ovf";
 *
 * async function hardwareVersions(client: CarrelClient, itemId: string, fileName: string): Promise<readonly string[]> {
 *   const stream = await openItemFile(client, itemId, fileName, { startByte: 0, endByte: ovaStartBytes - 1 });
 *   const found = await findOvaDescriptor(await buffer(stream));
 *   if (found === undefined) return [];
 *   return readOvfDescriptor(found.bytes).machines.flatMap((machine) => machine.hardwareVersions);
 * }
 * ```
 */
export async function findOvaDescriptor(start: Uint8Array): Promise<OvaDescriptor | undefined> {
  const archive = start.subarray(0, ovaStartBytes);
  const read = async (position: number, length: number): Promise<Uint8Array> =>
    archive.subarray(position, position + length);
  const listing = await listTar(read, archive.length);
  const whole = new Map<string, Uint8Array>();
  for (const { name, kind, extents = [] } of listing?.members ?? []) {
    const [only] = extents;
    if (kind !== "file" || extents.length !== 1 || only?.start === undefined) continue;
    whole.set(name, archive.subarray(only.start, only.start + only.sizeBytes));
  }
  const names = [...whole.keys()];
  const name = names.find((each) => /\.ovf$/iu.test(each) && !isAppleDouble(each));
  const bytes = name === undefined ? undefined : whole.get(name);
  if (name === undefined || bytes === undefined) return undefined;
  const manifests = [...whole].flatMap(([each, content]) => (isManifest(each) ? [parseManifest(each, content)] : []));
  const claims = new PackageCheck(manifests, names).claims.filter(
    ({ files }) => files.length === 1 && files[0] === name,
  );
  for (const { manifest, digest } of claims) {
    if (createHash(digest.algorithm).update(bytes).digest("hex") === digest.hex) continue;
    throw new IntegrityError(`${quote(name)} in the archive does not match ${quote(manifest)}`, { problem: "archive" });
  }
  return { name, bytes, verifiedBy: claims.length > 0 ? "manifest" : "nothing" };
}
