import { alike, get, post, read } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";

/** What a server without any content lists. */
export const emptyLists: readonly Exchange[] = [
  { name: "library list without libraries", ...alike(get("/content/library")), answer: read([]) },
  {
    name: "library find without libraries",
    rest: post("/content/library?~action=find", { spec: { name: "Images" } }),
    api: post("/content/library?action=find", { name: "Images" }),
    answer: read([]),
  },
  {
    name: "download session list without sessions",
    ...alike(get("/content/library/item/download-session")),
    answer: read([]),
  },
  {
    name: "update session list without sessions",
    ...alike(get("/content/library/item/update-session")),
    answer: read([]),
  },
];
