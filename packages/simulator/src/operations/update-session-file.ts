import { defined } from "@carrel/core/kit";
import { bufferContent } from "../content/content.ts";
import type {
  UpdateFileAddSpec,
  UpdateFileInfo,
  UpdateFileRequest,
  UpdateFileValidationResult,
} from "../gen/models.gen.ts";
import type { UpdateFile, UpdateSession } from "../state/update-sessions.ts";
import { VapiError, invalidArgument, message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { ServiceHandlers, UpdateSessionId } from "./handler.ts";

/** Operations of the service `updateSession.file`. */
export const updateSessionFileHandlers: ServiceHandlers<"updateSession.file"> = {
  "updateSession.file.add": (input: UpdateSessionId & UpdateFileAddSpec, { world }) => {
    const session = world.updateSessions.useActive(input.update_session_id);
    if (input.name === "") throw invalidArgument("The name of the file is empty.");
    if (session.files.has(input.name)) {
      throw invalidArgument(`The update session already has the file ${input.name}.`, { name: input.name });
    }
    if (input.source_type === "PULL") throw unsupportedPull();
    const file = newFile(input);
    session.removals.delete(file.name);
    session.files.set(file.name, file);
    return fileInfo(session, file, world);
  },
  "updateSession.file.list": (input: UpdateSessionId, { world }) => {
    const session = world.updateSessions.use(input.update_session_id);
    return [...session.files.values()].map((file) => fileInfo(session, file, world));
  },
  "updateSession.file.get": (input: UpdateSessionId & UpdateFileRequest, { world }) => {
    const session = world.updateSessions.use(input.update_session_id);
    return fileInfo(session, fileOf(session, input.file_name), world);
  },
  "updateSession.file.remove": (input: UpdateSessionId & UpdateFileRequest, { world }) => {
    const session = world.updateSessions.useActive(input.update_session_id);
    const name = input.file_name;
    const known = world.store.item(session.itemId).files.has(name);
    if (!session.files.delete(name) && !known) throw unknownFile(session, name);
    if (known) session.removals.add(name);
  },
  "updateSession.file.validate": (input: UpdateSessionId, { world }): UpdateFileValidationResult => {
    const session = world.updateSessions.useActive(input.update_session_id);
    const files = [...session.files.values()];
    const missing = files.filter((file) => file.status === "WAITING_FOR_TRANSFER").map((file) => file.name);
    const invalid = files.flatMap(({ name, error }) => (error ? [{ name, error_message: error }] : []));
    return {
      has_errors: missing.length > 0 || invalid.length > 0,
      missing_files: missing,
      invalid_files: invalid,
    };
  },
};

function newFile(spec: UpdateFileAddSpec): UpdateFile {
  const isEmpty = spec.source_type === "NONE";
  return {
    name: spec.name,
    sourceType: spec.source_type,
    sizeBytes: spec.size,
    checksum: spec.checksum_info,
    status: isEmpty ? "READY" : "WAITING_FOR_TRANSFER",
    receivedBytes: 0,
    error: undefined,
    content: isEmpty ? bufferContent(new Uint8Array()) : undefined,
  };
}

function fileOf(session: UpdateSession, name: string): UpdateFile {
  const file = session.files.get(name);
  if (!file) throw unknownFile(session, name);
  return file;
}

function unknownFile(session: UpdateSession, name: string): VapiError {
  return invalidArgument(`The update session ${session.id} has no file named ${name}.`, { file_name: name });
}

function unsupportedPull(): VapiError {
  return new VapiError("UNSUPPORTED", [
    message("com.vmware.vdcs.cls-main.unsupported", "This simulator does not fetch files: use source_type PUSH."),
  ]);
}

function fileInfo(session: UpdateSession, file: UpdateFile, world: World): UpdateFileInfo {
  const { transferOrigin, transferCertificate } = world.server;
  return {
    name: file.name,
    source_type: file.sourceType,
    ...defined({ size: file.sizeBytes, checksum_info: file.checksum, error_message: file.error }),
    ...(file.sourceType === "PUSH"
      ? {
          upload_endpoint: {
            uri: `${transferOrigin}/cls/data/${session.token}/${encodeURIComponent(file.name)}`,
            ...(transferCertificate ? { ssl_certificate_thumbprint: transferCertificate.sha1 } : {}),
          },
        }
      : {}),
    bytes_transferred: file.receivedBytes,
    status: file.status,
  };
}
