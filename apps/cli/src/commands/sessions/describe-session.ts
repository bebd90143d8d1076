import type { DownloadFileInfo } from "@carrel/core";
import { formatProgress } from "./list-sessions.ts";
import type { SessionEntry } from "./list-sessions.ts";
import { formatBytes } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";

/** All that is known of a download session, in lines for a person. */
export function describeSession(session: SessionEntry): readonly string[] {
  const { error_message: error } = session;
  return [
    `id:        ${printable(session.id)}`,
    `item:      ${printable(session.item_name ?? "?")}  ${printable(session.library_item_id ?? "")}`,
    `version:   ${printable(session.library_item_content_version ?? "?")}`,
    `state:     ${printable(session.state ?? "?")}`,
    ...(error ? [`error:     ${printable(error.localized ?? error.default_message)}`] : []),
    `progress:  ${formatProgress(session)}`,
    `expires:   ${printable(session.expiration_time ?? "?")}`,
    ...session.files.map((file) => `file:      ${describeFile(file)}`),
  ];
}

function describeFile(file: DownloadFileInfo): string {
  const size = file.size === undefined ? "" : `  ${formatBytes(file.size)}`;
  return `${printable(file.status.toLowerCase()).padEnd(17)}  ${printable(file.name)}${size}`;
}
