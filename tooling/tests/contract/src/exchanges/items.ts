import { contractFiles } from "../contract-files.ts";
import type { ContractFile } from "../contract-files.ts";
import { alike, get, post, read, refused } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { Json } from "../json.ts";

const { empty, small, large } = contractFiles;
const sorted = [empty, large, small];

const find = (spec: Json): Pick<Exchange, "rest" | "api"> => ({
  rest: post("/content/library/item?~action=find", { spec }),
  api: post("/content/library/item?action=find", spec),
});

const file = ({ name, sizeBytes }: ContractFile): { readonly [name: string]: Json } => ({
  name,
  size: sizeBytes,
  cached: true,
  version: "1",
});

const stored = (each: ContractFile): Json => ({
  ...file(each),
  storage_backing: { type: "DATASTORE", datastore_id: "{datastore}" },
  storage_uris: [`ds:///vmfs/volumes/<uuid>/contentlib-{library}/{item}/${encodeURIComponent(each.name)}`],
});

/** Reading items and their files: there is the one of the upload. */
export const items: readonly Exchange[] = [
  { name: "item list", ...alike(get("/content/library/item?library_id={library}")), answer: read(["{item}"]) },
  {
    name: "item list of an unknown library",
    ...alike(get("/content/library/item?library_id=unknown")),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "item list without a library",
    ...alike(get("/content/library/item")),
    answer: refused("INVALID_ARGUMENT"),
  },
  {
    name: "item get",
    rest: get("/content/library/item/id:{item}"),
    api: get("/content/library/item/{item}"),
    answer: read({
      id: "{item}",
      library_id: "{library}",
      name: "appliance",
      description: "Three files",
      type: "ovf",
      creation_time: "<date>",
      last_modified_time: "<date>",
      content_version: "2",
      metadata_version: "1",
      version: "1",
      cached: true,
      size: empty.sizeBytes + small.sizeBytes + large.sizeBytes,
    }),
  },
  {
    name: "item get of an unknown item",
    rest: get("/content/library/item/id:unknown"),
    api: get("/content/library/item/unknown"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "item find by name and library",
    ...find({ name: "appliance", library_id: "{library}" }),
    answer: read(["{item}"]),
  },
  { name: "item find by name, in another case", ...find({ name: "Appliance" }), answer: read(["{item}"]) },
  { name: "item find by type", ...find({ type: "ovf" }), answer: read(["{item}"]) },
  { name: "item find by a name that no item has", ...find({ name: "unknown" }), answer: read([]) },
  { name: "item find of items that are not cached", ...find({ name: "appliance", cached: false }), answer: read([]) },
  { name: "item find by nothing", ...find({}), answer: refused("INVALID_ARGUMENT") },
  {
    name: "item file list",
    rest: get("/content/library/item/file?library_item_id={item}"),
    api: get("/content/library/item/{item}/file"),
    answer: read(sorted.map(file)),
  },
  {
    name: "item file list of an unknown item",
    rest: get("/content/library/item/file?library_item_id=unknown"),
    api: get("/content/library/item/unknown/file"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "item file get",
    rest: post("/content/library/item/file/id:{item}?~action=get", { name: large.name }),
    api: get(`/content/library/item/{item}/file?name=${encodeURIComponent(large.name)}`),
    answer: read(file(large)),
  },
  {
    name: "item file get of an unknown file",
    rest: post("/content/library/item/file/id:{item}?~action=get", { name: "unknown" }),
    api: get("/content/library/item/{item}/file?name=unknown"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "item storage list",
    rest: get("/content/library/item/storage?library_item_id={item}"),
    api: get("/content/library/item/{item}/storage"),
    answer: read(sorted.map(stored)),
  },
  {
    name: "item storage get",
    rest: post("/content/library/item/storage/id:{item}?~action=get", { file_name: large.name }),
    api: get(`/content/library/item/{item}/storage?file_name=${encodeURIComponent(large.name)}`),
    answer: read([stored(large)]),
  },
];
