import { buffer } from "node:stream/consumers";
import { maxDescriptorBytes } from "./descriptor.ts";
import { listOva } from "./list-ova.ts";
import { isAppleDouble } from "@carrel/core/transfer";
import { openOvaMember } from "./open-ova-member.ts";

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
  const bytes = { sizeBytes: archive.length, read };
  const listing = await listOva(bytes);
  const member = listing?.members.find(({ name, extents }) => isDescriptor(name) && extents !== undefined);
  if (member === undefined) return undefined;
  const stream = openOvaMember(bytes, member);
  const content = await buffer(stream);
  return { name: member.name, bytes: content, verifiedBy: stream.verifiedBy ?? "nothing" };
}

function isDescriptor(name: string): boolean {
  return /\.ovf$/iu.test(name) && !isAppleDouble(name);
}
