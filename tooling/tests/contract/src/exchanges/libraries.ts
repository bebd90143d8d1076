import { alike, get, post, read, refused } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { Json } from "../json.ts";

const find = (spec: Json): Pick<Exchange, "rest" | "api"> => ({
  rest: post("/content/library?~action=find", { spec }),
  api: post("/content/library?action=find", spec),
});

const library = {
  id: "{library}",
  name: "Images",
  description: "For the contract",
  type: "LOCAL",
  creation_time: "<date>",
  last_modified_time: "<date>",
  version: "1",
  server_guid: "<uuid>",
  storage_backings: [{ type: "DATASTORE", datastore_id: "{datastore}" }],
  optimization_info: { optimize_remote_publishing: false },
  publish_info: { authentication_method: "NONE", published: false, persist_json_enabled: false },
};

/** Reading libraries: there is the one of the upload. */
export const libraries: readonly Exchange[] = [
  { name: "library list", ...alike(get("/content/library")), answer: read(["{library}"]) },
  { name: "local library list", ...alike(get("/content/local-library")), answer: read(["{library}"]) },
  { name: "subscribed library list", ...alike(get("/content/subscribed-library")), answer: read([]) },
  {
    name: "library get",
    rest: get("/content/library/id:{library}"),
    api: get("/content/library/{library}"),
    answer: read(library),
  },
  {
    name: "local library get",
    rest: get("/content/local-library/id:{library}"),
    api: get("/content/local-library/{library}"),
    answer: read(library),
  },
  {
    name: "library get of an unknown library",
    rest: get("/content/library/id:unknown"),
    api: get("/content/library/unknown"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "subscribed library get of a local library",
    rest: get("/content/subscribed-library/id:{library}"),
    api: get("/content/subscribed-library/{library}"),
    answer: refused("INVALID_ELEMENT_TYPE"),
  },
  {
    name: "subscribed library sync of an unknown library",
    rest: post("/content/subscribed-library/id:unknown?~action=sync"),
    api: post("/content/subscribed-library/unknown?action=sync"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "subscribed library sync of a local library",
    rest: post("/content/subscribed-library/id:{library}?~action=sync"),
    api: post("/content/subscribed-library/{library}?action=sync"),
    answer: refused("INVALID_ELEMENT_TYPE"),
  },
  { name: "library find by name, in another case", ...find({ name: "IMAGES" }), answer: read(["{library}"]) },
  { name: "library find by name and type", ...find({ name: "Images", type: "LOCAL" }), answer: read(["{library}"]) },
  { name: "library find of another type", ...find({ name: "Images", type: "SUBSCRIBED" }), answer: read([]) },
  { name: "library find by nothing", ...find({}), answer: refused("INVALID_ARGUMENT") },
];
