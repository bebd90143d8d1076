import { openOvaMember } from "@carrel/node-stream/ovf";
import type { OvaMember, OvaMemberStream } from "@carrel/node-stream/ovf";
import { matchesName } from "@carrel/node-stream/fs";
import type { ItemServer } from "../connection/item-server.ts";
import type { OnlyFile } from "../names/choose-files.ts";
import { nearestNames } from "../names/nearest.ts";
import { pathOf } from "../names/parse-target.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes, notFoundError, usageError } from "../process/cli-error.ts";
import type { Run } from "../run/run-command.ts";
import { openArchive, withAdvice } from "./archive.ts";
import { syncFirst } from "./to-stdout.ts";
import type { StdoutOptions } from "./to-stdout.ts";
import { writeContent } from "./write-content.ts";

/** The most names in a message. */
const maxNames = 20;

/**
 * Writes one file of an archive to standard output, without fetching the rest. It is verified by the manifest in the archive,
 * where that names it, when the reader of the pipe already has the bytes.
 */
export async function memberToStdout(
  server: ItemServer,
  { file, member: wanted }: { readonly file: OnlyFile; readonly member: string },
  { transfer, isForced = false }: StdoutOptions,
  run: Run,
): Promise<void> {
  await syncFirst(server, file, transfer, run);
  const isCached = file.cached || transfer.sync === true;
  await using archive = await openArchive(server, { ...file, cached: isCached }, transfer, run);
  const member = onlyMember(archive.members, wanted, file);
  const { name, sizeBytes: totalBytes } = member;
  refuseUnverified(member, file, transfer.requireVerified);
  const path = `${file.path}/${pathOf([name])}`;
  const stream = opened(() => openOvaMember(archive.bytes, member), file);
  let receivedBytes = 0;
  stream.on("data", (block: Buffer) => (receivedBytes += block.length)).pause();
  await writeContent({ name, path, stream, received: () => ({ receivedBytes, totalBytes }) }, { isForced }, run);
  const verdict =
    stream.verifiedBy === "manifest"
      ? "verified by the manifest in the archive"
      : "UNVERIFIED: no manifest in the archive names it";
  run.screen.remark(`${printable(name)}: ${formatBytes(totalBytes)}, ${verdict}`);
}

function opened(open: () => OvaMemberStream, { path }: OnlyFile): OvaMemberStream {
  try {
    return open();
  } catch (error) {
    throw withAdvice(error, path);
  }
}

/** A name that could be a glob means the file that has it. */
function onlyMember(members: readonly OvaMember[], wanted: string, { fileName }: OnlyFile): OvaMember {
  const named = members.find(({ name }) => name === wanted);
  const matching = named === undefined ? members.filter(({ name }) => matchesName(name, wanted)) : [named];
  const [only] = matching;
  const names = members.map(({ name }) => name);
  if (only === undefined) {
    const nearest = nearestNames(wanted, names).map((near) => `"${printable(near)}"`);
    throw notFoundError(
      `No file in "${printable(fileName)}" matches "${printable(wanted)}"`,
      ...(nearest.length > 0 ? [`Did you mean ${nearest.join(" or ")}?`] : []),
      `It has: ${listed(names)}`,
    );
  }
  if (matching.length === 1) return only;
  throw usageError(
    "Only one file can be written to standard output",
    `${matching.length} files in "${printable(fileName)}" match: ${listed(matching.map(({ name }) => name))}`,
    "Name it: LIBRARY/ITEM/x.ova/FILE",
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - maxNames;
  const shown = names.slice(0, maxNames).map(printable).join(", ") || "no files";
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Before a byte is written: what the manifest does not name stays unverified. */
function refuseUnverified(
  { name, digest }: OvaMember,
  { fileName }: OnlyFile,
  level: StdoutOptions["transfer"]["requireVerified"],
): void {
  if (level === undefined || level === false) return;
  const subject = `Cannot verify "${name}" in "${fileName}"`;
  if (level === "checksum") {
    throw unverifiable(
      `${subject} by checksum: the server states checksums of whole files only`,
      digest === undefined ? [] : ["The manifest in the archive can verify it: --require-verified=manifest"],
    );
  }
  if (digest !== undefined) return;
  throw unverifiable(`${subject}: no manifest in the archive names it`, [
    "Nothing was written. Without --require-verified it is, as UNVERIFIED.",
  ]);
}

function unverifiable(message: string, hints: readonly string[]): Error {
  return new CliError(message, { exitCode: exitCodes.integrity, hints });
}
