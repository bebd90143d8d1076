import { contractFiles } from "../contract-files.ts";
import type { ContractFile } from "../contract-files.ts";
import { alike, created, done, get, post, read, refused } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { Json } from "../json.ts";

const { empty, small, large } = contractFiles;
const sessions = "/content/library/item/download-session";
const files = {
  rest: "/content/library/item/downloadsession/file",
  api: `${sessions}/{session}/file`,
};

/** An action on a session that an earlier exchange has kept. */
export const sessionAction = (action: string, body?: Json, kept = "session"): Pick<Exchange, "rest" | "api"> => ({
  rest: post(`${sessions}/id:{${kept}}?~action=${action}`, body),
  api: post(`${sessions}/{${kept}}?action=${action}`, body),
});

/** The creation of a session on the item, and what it is kept as. */
export const createSession = (keep: string): Pick<Exchange, "rest" | "api" | "answer" | "keep"> => ({
  rest: post(sessions, { create_spec: { library_item_id: "{item}" } }),
  api: post(sessions, { library_item_id: "{item}" }),
  answer: created(`{${keep}}`),
  keep: { [keep]: "" },
});

export const getSession = (kept: string): Pick<Exchange, "rest" | "api"> => ({
  rest: get(`${sessions}/id:{${kept}}`),
  api: get(`${sessions}/{${kept}}`),
});

/** A session as it is read. */
export const sessionModel = (
  kept: string,
  state: string,
  client_progress: number,
): { readonly [name: string]: Json } => ({
  id: `{${kept}}`,
  library_item_id: "{item}",
  library_item_content_version: "2",
  client_progress,
  state,
  expiration_time: "<in 5 minutes>",
});

const unprepared = ({ name, sizeBytes }: ContractFile): Json => ({
  name,
  size: sizeBytes,
  bytes_transferred: 0,
  status: "UNPREPARED",
});

/** A file that is ready. */
export const prepared = ({ name, sizeBytes }: ContractFile): { readonly [name: string]: Json } => ({
  name,
  size: sizeBytes,
  bytes_transferred: 0,
  status: "PREPARED",
  download_endpoint: { uri: "<on the server itself>", ssl_certificate_thumbprint: "{thumbprint}" },
});

const getFile = (name: string): Pick<Exchange, "rest" | "api"> => ({
  rest: post(`${files.rest}/id:{session}?~action=get`, { file_name: name }),
  api: get(`${files.api}?file_name=${encodeURIComponent(name)}`),
});

export const prepareFile = (body: Json, kept = "session"): Pick<Exchange, "rest" | "api"> => ({
  rest: post(`${files.rest}/id:{${kept}}?~action=prepare`, body),
  api: post(`${sessions}/{${kept}}/file?action=prepare`, body),
});

const prepare = (key: string, file: ContractFile): Exchange => ({
  name: `download session file prepare: ${file.name}`,
  ...prepareFile({ file_name: file.name }),
  answer: read(prepared(file)),
  keep: { [`${key}Url`]: "download_endpoint.uri" },
});

/** A download session from its creation to files that are ready. Leaves a `session` and the files' URLs. */
export const downloadSessions: readonly Exchange[] = [
  {
    name: "download session create for an unknown item",
    rest: post(sessions, { create_spec: { library_item_id: "unknown" } }),
    api: post(sessions, { library_item_id: "unknown" }),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "download session create without an item",
    rest: post(sessions, { create_spec: {} }),
    api: post(sessions, {}),
    answer: refused("INVALID_ARGUMENT"),
  },
  { name: "download session create", ...createSession("session") },
  { name: "download session list", ...alike(get(sessions)), answer: read(["{session}"]) },
  {
    name: "download session list by item",
    ...alike(get(`${sessions}?library_item_id={item}`)),
    answer: read(["{session}"]),
  },
  {
    name: "download session list by an unknown item",
    ...alike(get(`${sessions}?library_item_id=unknown`)),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "download session list with an unknown parameter",
    ...alike(get(`${sessions}?color=blue`)),
    answer: refused("INVALID_ARGUMENT"),
  },
  { name: "download session get", ...getSession("session"), answer: read(sessionModel("session", "ACTIVE", 0)) },
  {
    name: "download session get of an unknown session",
    rest: get(`${sessions}/id:unknown`),
    api: get(`${sessions}/unknown`),
    answer: refused("NOT_FOUND"),
  },
  { name: "download session keep-alive without a body", ...sessionAction("keep-alive"), answer: done },
  { name: "download session keep-alive with progress", ...sessionAction("keep-alive", { progress: 10 }), answer: done },
  {
    name: "download session get after progress",
    ...getSession("session"),
    answer: read(sessionModel("session", "ACTIVE", 10)),
  },
  {
    name: "download session keep-alive with less progress",
    ...sessionAction("keep-alive", { progress: 5 }),
    answer: refused("INVALID_ARGUMENT"),
  },
  {
    name: "download session keep-alive of an unknown session",
    rest: post(`${sessions}/id:unknown?~action=keep-alive`),
    api: post(`${sessions}/unknown?action=keep-alive`),
    answer: refused("NOT_FOUND"),
  },
  { name: "download session unknown action", ...sessionAction("rewind"), answer: refused("OPERATION_NOT_FOUND") },
  {
    name: "download session file list",
    rest: get(`${files.rest}?download_session_id={session}`),
    api: get(files.api),
    answer: read([empty, large, small].map(unprepared)),
  },
  {
    name: "download session file list of an unknown session",
    rest: get(`${files.rest}?download_session_id=unknown`),
    api: get(`${sessions}/unknown/file`),
    answer: refused("NOT_FOUND"),
  },
  { name: "download session file get", ...getFile(small.name), answer: read(unprepared(small)) },
  {
    name: "download session file get of an unknown file",
    ...getFile("unknown"),
    answer: refused("INVALID_ARGUMENT"),
  },
  {
    name: "download session file prepare of an unknown file",
    ...prepareFile({ file_name: "unknown" }),
    answer: refused("INVALID_ARGUMENT"),
    keep: { unknownUrl: "download_endpoint.uri" },
  },
  prepare("empty", empty),
  prepare("small", small),
  prepare("large", large),
  {
    name: "download session file prepare, once more",
    ...prepareFile({ file_name: small.name, endpoint_type: "HTTPS" }),
    answer: read(prepared(small)),
  },
  { name: "download session file get when it is prepared", ...getFile(small.name), answer: read(prepared(small)) },
];

/** After the transfers: the file that has come down whole. */
export const downloadedFile: Exchange = {
  name: "download session file get when it is downloaded",
  ...getFile(small.name),
  answer: read({ ...prepared(small), checksum_info: { algorithm: "SHA256", checksum: "{smallDigest}" } }),
};
