import { contractFiles } from "../contract-files.ts";
import { alike, done, get, read, refused, remove, transfer } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import { createSession, getSession, prepareFile, prepared, sessionAction, sessionModel } from "./download-sessions.ts";

const { small } = contractFiles;
const sessions = "/content/library/item/download-session";

const deleteSession = (kept: string): Pick<Exchange, "rest" | "api"> => ({
  rest: remove(`${sessions}/id:{${kept}}`),
  api: remove(`${sessions}/{${kept}}`),
});

const transferAfter = (what: string): Exchange => ({
  name: `transfer after ${what}`,
  ...alike(get("{smallUrl}")),
  file: small,
  answer: transfer(404, "", { "content-length": "0" }),
});

const report = { client_error_message: "The disk is full." };

/** The ends of sessions, and of everything else that was made. */
export const endings: readonly Exchange[] = [
  { name: "download session delete", ...deleteSession("session"), answer: done },
  { name: "download session get after delete", ...getSession("session"), answer: refused("NOT_FOUND") },
  { name: "download session delete, once more", ...deleteSession("session"), answer: refused("NOT_FOUND") },
  transferAfter("delete"),

  { name: "download session create, to cancel it", ...createSession("canceled") },
  {
    name: "download session file prepare, to cancel it",
    ...prepareFile({ file_name: small.name }, "canceled"),
    answer: read(prepared(small)),
    keep: { smallUrl: "download_endpoint.uri" },
  },
  { name: "download session cancel", ...sessionAction("cancel", undefined, "canceled"), answer: done },
  {
    name: "download session get after cancel",
    ...getSession("canceled"),
    answer: read(sessionModel("canceled", "CANCELED", 0)),
  },
  { name: "download session list after cancel", ...alike(get(sessions)), answer: read(["{canceled}"]) },
  {
    name: "download session keep-alive after cancel",
    ...sessionAction("keep-alive", undefined, "canceled"),
    answer: refused("NOT_ALLOWED_IN_CURRENT_STATE"),
  },
  {
    name: "download session cancel, once more",
    ...sessionAction("cancel", undefined, "canceled"),
    answer: refused("NOT_ALLOWED_IN_CURRENT_STATE"),
  },
  transferAfter("cancel"),
  { name: "download session delete after cancel", ...deleteSession("canceled"), answer: done },

  { name: "download session create, to fail it", ...createSession("failed") },
  { name: "download session fail", ...sessionAction("fail", report, "failed"), answer: done },
  {
    name: "download session get after fail",
    ...getSession("failed"),
    answer: read({ ...sessionModel("failed", "ERROR", 0), error_message: "<message>" }),
  },
  { name: "download session delete after fail", ...deleteSession("failed"), answer: done },
  { name: "download session create, to fail it badly", ...createSession("unexplained") },
  {
    name: "download session fail without a message",
    ...sessionAction("fail", undefined, "unexplained"),
    answer: refused("INVALID_ARGUMENT"),
  },
  { name: "download session delete after a bad fail", ...deleteSession("unexplained"), answer: done },
  { name: "download session list at the end", ...alike(get(sessions)), answer: read([]) },

  {
    name: "item delete",
    rest: remove("/content/library/item/id:{item}"),
    api: remove("/content/library/item/{item}"),
    answer: done,
  },
  {
    name: "item get after delete",
    rest: get("/content/library/item/id:{item}"),
    api: get("/content/library/item/{item}"),
    answer: refused("NOT_FOUND"),
  },
  {
    name: "local library delete",
    rest: remove("/content/local-library/id:{library}"),
    api: remove("/content/local-library/{library}"),
    answer: done,
  },
  { name: "library list at the end", ...alike(get("/content/library")), answer: read([]) },
  { name: "logout at the end", rest: remove("/cis/session"), api: remove("/session"), answer: done },
  { name: "call after the logout", ...alike(get("/content/library")), answer: refused("UNAUTHENTICATED") },
];
