import { alike, created, done, get, post, read, refused, remove } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";

const session = { rest: "/cis/session", api: "/session" };
const login = { rest: post(session.rest), api: post(session.api) };
const getSession = { rest: post(`${session.rest}?~action=get`), api: get(session.api) };

const authorization = "{credentials}";
const nobody = { "vmware-api-session-id": undefined };
const second = { "vmware-api-session-id": "{secondLogin}" };

/** Logging in and out, and calls without a login. Leaves the `login` that all later exchanges use. */
export const logins: readonly Exchange[] = [
  {
    name: "login with a wrong password",
    ...login,
    headers: { ...nobody, authorization: "{wrongCredentials}" },
    answer: refused("UNAUTHENTICATED"),
  },
  { name: "login without credentials", ...login, headers: nobody, answer: refused("UNAUTHENTICATED") },
  {
    name: "login",
    ...login,
    headers: { ...nobody, authorization, "vmware-use-header-authn": "true" },
    answer: created("{login}"),
    keep: { login: "" },
  },
  {
    name: "login of a client that may use cookies",
    ...login,
    headers: { ...nobody, authorization },
    answer: {
      rest: created("{secondLogin}", { "set-cookie": "vmware-api-session-id" }),
      api: created("{secondLogin}"),
    },
    keep: { secondLogin: "" },
  },
  {
    name: "session get",
    ...getSession,
    headers: second,
    answer: read({ user: "{user}", created_time: "<date>", last_accessed_time: "<date>" }),
  },
  { name: "logout", rest: remove(session.rest), api: remove(session.api), headers: second, answer: done },
  { name: "session get after the logout", ...getSession, headers: second, answer: refused("UNAUTHENTICATED") },
  { name: "session get without a session id", ...getSession, headers: nobody, answer: refused("UNAUTHENTICATED") },
  {
    name: "call without a session id",
    ...alike(get("/content/library")),
    headers: nobody,
    answer: refused("UNAUTHENTICATED"),
  },
  {
    name: "call with an unknown session id",
    ...alike(get("/content/library")),
    headers: { "vmware-api-session-id": "stale" },
    answer: refused("UNAUTHENTICATED"),
  },
  { name: "call of an unknown path", ...alike(get("/content/librarian")), answer: refused("OPERATION_NOT_FOUND") },
];
