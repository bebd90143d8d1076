import { contractFiles } from "../contract-files.ts";
import type { ContractFile } from "../contract-files.ts";
import { alike, created, done, get, post, read, refused, remove, transfer } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { Json } from "../json.ts";

const { empty, small, large } = contractFiles;
const sessions = "/content/library/item/update-session";
const session = { rest: `${sessions}/id:{update}`, api: `${sessions}/{update}` };
const files = {
  rest: "/content/library/item/updatesession/file",
  restId: "/content/library/item/updatesession/file/id:{update}",
  api: `${sessions}/{update}/file`,
};

const library = {
  name: "Images",
  description: "For the contract",
  type: "LOCAL",
  storage_backings: [{ type: "DATASTORE", datastore_id: "{datastore}" }],
};
const item = { name: "appliance", description: "Three files", type: "ovf", library_id: "{library}" };

const act = (action: string, body?: Json): Pick<Exchange, "rest" | "api"> => ({
  rest: post(`${session.rest}?~action=${action}`, body),
  api: post(`${session.api}?action=${action}`, body),
});

const endpoint = { uri: "<on the server itself>", ssl_certificate_thumbprint: "{thumbprint}" };

const info = ({ name, sizeBytes }: ContractFile, status: string, bytes_transferred: number): Json => ({
  name,
  source_type: "PUSH",
  size: sizeBytes,
  upload_endpoint: endpoint,
  bytes_transferred,
  status,
});

function add(key: string, file: ContractFile): Exchange {
  const spec = { name: file.name, source_type: "PUSH", size: file.sizeBytes };
  return {
    name: `update session file add: ${file.name}`,
    rest: post(`${files.restId}?~action=add`, { file_spec: spec }),
    api: post(files.api, spec),
    answer: created(info(file, "WAITING_FOR_TRANSFER", 0)),
    keep: { [`${key}Upload`]: "upload_endpoint.uri" },
  };
}

function push(key: string, file: ContractFile): Exchange {
  return {
    name: `upload of ${file.name}`,
    ...alike({ method: "PUT", path: `{${key}Upload}` }),
    file,
    answer: transfer(200, "", { "content-length": "0" }),
  };
}

/** A library, an item, and files that come into it by an update session. Leaves a `library` and an `item`. */
export const upload: readonly Exchange[] = [
  {
    name: "local library create",
    rest: post("/content/local-library", { create_spec: library }),
    api: post("/content/local-library", library),
    answer: created("{library}"),
    keep: { library: "" },
  },
  {
    name: "item list of an empty library",
    ...alike(get("/content/library/item?library_id={library}")),
    answer: read([]),
  },
  {
    name: "item create",
    rest: post("/content/library/item", { create_spec: item }),
    api: post("/content/library/item", item),
    answer: created("{item}"),
    keep: { item: "" },
  },
  {
    name: "item create with a name that exists",
    rest: post("/content/library/item", { create_spec: item }),
    api: post("/content/library/item", item),
    answer: refused("ALREADY_EXISTS"),
  },
  {
    name: "item file list of an empty item",
    rest: get("/content/library/item/file?library_item_id={item}"),
    api: get("/content/library/item/{item}/file"),
    answer: read([]),
  },
  {
    name: "update session create",
    rest: post(sessions, { create_spec: { library_item_id: "{item}" } }),
    api: post(sessions, { library_item_id: "{item}" }),
    answer: created("{update}"),
    keep: { update: "" },
  },
  { name: "update session list", ...alike(get(sessions)), answer: read(["{update}"]) },
  {
    name: "update session get",
    rest: get(session.rest),
    api: get(session.api),
    answer: read({
      id: "{update}",
      library_item_id: "{item}",
      library_item_content_version: "1",
      client_progress: 0,
      state: "ACTIVE",
      expiration_time: "<in 5 minutes>",
    }),
  },
  {
    name: "update session get of an unknown session",
    rest: get(`${sessions}/id:unknown`),
    api: get(`${sessions}/unknown`),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "update session file list without files",
    rest: get(`${files.rest}?update_session_id={update}`),
    api: get(files.api),
    answer: read([]),
  },
  add("empty", empty),
  add("small", small),
  add("large", large),
  push("empty", empty),
  push("small", small),
  push("large", large),
  {
    name: "update session file list",
    rest: get(`${files.rest}?update_session_id={update}`),
    api: get(files.api),
    answer: read([
      info(empty, "READY", 0),
      info(large, "READY", large.sizeBytes),
      info(small, "READY", small.sizeBytes),
    ]),
  },
  {
    name: "update session file get",
    rest: post(`${files.restId}?~action=get`, { file_name: small.name }),
    api: get(`${files.api}/${small.name}`),
    answer: read(info(small, "READY", small.sizeBytes)),
  },
  {
    name: "update session file validate",
    rest: post(`${files.restId}?~action=validate`),
    api: post(`${files.api}?action=validate`),
    answer: read({ has_errors: false, missing_files: [], invalid_files: [] }),
  },
  { name: "update session keep-alive", ...act("keep-alive", { client_progress: 90 }), answer: done },
  { name: "update session complete", ...act("complete"), answer: done },
  { name: "update session delete", rest: remove(session.rest), api: remove(session.api), answer: done },
  {
    name: "update session delete of one that is gone",
    rest: remove(session.rest),
    api: remove(session.api),
    answer: refused("NOT_FOUND"),
  },
];
