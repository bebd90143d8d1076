import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { echoes } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";
import { pick } from "./random.ts";
import type { Random } from "./random.ts";

/** What a run does to answers. */
export interface Hostility {
  readonly random: Random;
  readonly secrets: Secrets;
  readonly username: string;
  /** What the login shows: the password or the assertion. */
  readonly credential: string;
  /** How likely an answer is spoilt. */
  readonly share: number;
}

export interface HostileVcenter extends AsyncDisposable {
  readonly origin: string;
  /** From now on answers so. */
  behave(hostility: Hostility): void;
  /** The client has read an answer about files; one that it gave up has shown it nothing. */
  filesWereRead(): void;
}

interface Answer {
  status: number;
  statusText?: string;
  headers: Record<string, string>;
  body: string;
}

/** A vCenter of both styles with one of each object, whose answers say what they should not. */
export async function startHostileVcenter(): Promise<HostileVcenter> {
  let hostility: Hostility | undefined;
  let logins = 0;
  /** What the client can know by now; it cannot hide what nobody has shown it. */
  const seen = { login: false, sessions: 0, transfer: false };
  let handedOut = false;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (!hostility) throw new Error("nobody said how to behave");
      answer(request, response, hostility);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    { random, secrets, username, credential, share }: Hostility,
  ): void {
    const style = request.url?.startsWith("/rest") ? "rest" : "api";
    const isLogin = request.method === "POST" && /^\/(?:api|rest\/com\/vmware\/cis)\/session$/.test(request.url ?? "");
    const isFile = /downloadsession\/file|download-session\/[^/?]+\/file/.test(request.url ?? "");
    const sessionId = secrets.sessionIds[logins % secrets.sessionIds.length] ?? secrets.sessionIds[0];
    const isTransfer = request.url?.startsWith(secrets.transferPath) ?? false;
    const content: Answer = {
      status: 200,
      headers: { "content-type": "application/octet-stream" },
      body: "x".repeat(100),
    };
    const right = isTransfer
      ? content
      : rightAnswer(request, style, { sessionId, transferUrl: origin + secrets.transferPath });
    if (isLogin && request.headers.authorization === undefined) {
      send(response, { status: 401, headers: {}, body: "" });
      return;
    }
    if (request.headers.authorization !== undefined) seen.login = true;
    if (random() < share) {
      const known: [string, ...string[]] = [
        "nothing",
        ...(seen.login ? [credential] : []),
        ...secrets.sessionIds.slice(0, seen.sessions),
        ...(seen.transfer ? [secrets.transferPath, origin + secrets.transferPath, secrets.transferToken] : []),
      ];
      const say = (): string => echoes(random, pick(random, known), username);
      spoil(response, right, { random, say, isLogin, style });
      return;
    }
    if (isLogin) {
      logins += 1;
      seen.sessions = logins;
    }
    if (isFile) handedOut = true;
    send(response, right);
  }

  return {
    origin,
    behave(next) {
      hostility = next;
      logins = 0;
      seen.login = false;
      seen.sessions = 0;
      seen.transfer = false;
      handedOut = false;
    },
    filesWereRead() {
      seen.transfer = handedOut;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rightAnswer(
  request: IncomingMessage,
  style: "api" | "rest",
  { sessionId, transferUrl }: { readonly sessionId: string; readonly transferUrl: string },
): Answer {
  const url = new URL(request.url ?? "/", "http://x");
  const path = url.pathname.replace(/^\/(?:api|rest)/, "");
  const action = url.searchParams.get("action") ?? url.searchParams.get("~action");
  const json = (value: unknown, status = 200): Answer => ({
    status,
    headers: { "content-type": "application/json" },
    body: value === undefined ? "" : JSON.stringify(style === "api" ? value : { value }),
  });
  const file = {
    name: "disk 0.vmdk",
    bytes_transferred: 0,
    status: "PREPARED",
    download_endpoint: { uri: transferUrl },
    checksum_info: { algorithm: "SHA256", checksum: "00" },
  };
  const session = {
    library_item_id: "item-1",
    library_item_content_version: "1",
    state: "ACTIVE",
    client_progress: 0,
    expiration_time: new Date(Date.now() + 300_000).toISOString(),
  };
  const itemFile = { name: "disk 0.vmdk", size: 1, cached: true, version: "1", storage_backing: {}, storage_uris: [] };
  if (path.endsWith("session") && !path.includes("item")) {
    if (request.method === "DELETE") return json(undefined, 204);
    if (request.method === "POST" && action === null) return json(sessionId, style === "api" ? 201 : 200);
    return json({ user: "reader", created_time: "2026-01-01T00:00:00Z", last_accessed_time: "2026-01-01T00:00:00Z" });
  }
  if (/downloadsession\/file|download-session\/[^/]+\/file/.test(path))
    return json(action === null && !url.search.includes("file_name") ? [file] : file);
  if (path.endsWith("download-session")) return json(request.method === "POST" ? "s:1" : ["s:1"]);
  if (/download-session\//.test(path)) {
    return request.method === "GET" ? json(session) : json(undefined, style === "api" ? 204 : 200);
  }
  if (/\/storage/.test(path)) return json([itemFile]);
  if (/\/file/.test(path)) return json(action === "get" || url.searchParams.has("name") ? itemFile : [itemFile]);
  if (action === "find" || /\/(?:library|local-library|subscribed-library|item)$/.test(path)) return json(["id-1"]);
  return action === "sync" ? json(undefined, 204) : json({ id: "id-1", name: "images", type: "LOCAL" });
}

interface Spoiling {
  readonly random: Random;
  readonly say: () => string;
  readonly isLogin: boolean;
  readonly style: "api" | "rest";
}

function spoil(response: ServerResponse, right: Answer, { random, say, isLogin, style }: Spoiling): void {
  const socket = response.socket as Socket;
  const text = say();
  const message = { id: pick(random, ["m.1", "", text]), default_message: text, args: [say()] };
  const status = pick(random, [400, 401, 403, 404, 409, 429, 500, 502, 503, 504]);
  const json = { "content-type": "application/json" };
  const refusal = (body: unknown, headers: Record<string, string> = json): void =>
    send(response, { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  const ways: [() => void, ...(() => void)[]] = [
    () => void socket.destroy(),
    () => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write(right.body.slice(0, Math.ceil(right.body.length / 2)), () => socket.destroy());
    },
    () => void socket.end(`HTTP/1.1 200 OK\r\nBroken ${line(text)}\r\n\r\n${text}`),
    () => void socket.end(`HTTP/9 ${line(text)}\r\n\r\n`),
    () => void socket.end(`HTTP/1.1 200 ${line(text)}\r\nx: ${"y".repeat(70_000)}\r\n\r\n`),
    () => send(response, { ...right, status, statusText: line(text), body: "" }),
    () => send(response, { ...right, body: right.body.slice(0, Math.floor(random() * right.body.length)) }),
    () => send(response, { ...right, body: right.body.replaceAll('"', "") }),
    // The other style's envelope, or one too many.
    () => send(response, { ...right, body: JSON.stringify({ value: read(right.body) }) }),
    () =>
      send(response, {
        ...right,
        body: JSON.stringify(style === "rest" ? valueOf(read(right.body)) : [read(right.body)]),
      }),
    () => send(response, { ...right, body: JSON.stringify({ value: { id: valueOf(read(right.body)) } }) }),
    () =>
      send(response, {
        ...right,
        headers: { "content-type": isLogin ? "text/html" : line(text) },
        body: `<p>${right.body}</p>`,
      }),
    () => send(response, { ...right, body: failed(right.body, text) }),
    () => send(response, { ...right, body: failed(right.body, text) }),
    () => send(response, { ...right, body: swap(right.body, random, text) }),
    () => send(response, { ...right, body: `${"[".repeat(3_000)}"${line(text)}"${"]".repeat(3_000)}` }),
    () => send(response, { ...right, body: JSON.stringify(text).padEnd(2 ** 21, " ") + JSON.stringify(text) }),
    () =>
      send(response, {
        status: 302,
        headers: { location: `http://${hostLike(text)}.example.test/${encodeURIComponent(text)}` },
        body: text,
      }),
    () =>
      refusal({ error_type: pick(random, ["NOT_FOUND", "UNAUTHENTICATED", "ERROR", line(text)]), messages: [message] }),
    () => refusal({ type: `com.vmware.vapi.std.errors.${line(text)}`, value: { messages: [message, text, 7] } }),
    () =>
      refusal({ name: "com.vmware.vapi.rest.httpNotFound", localizableMessages: [{ id: text, defaultMessage: text }] }),
    () =>
      refusal({
        error_type: "ERROR",
        messages: [{ ...message, localized: text, params: { [text]: { s: text, l: { id: text } } } }],
      }),
    () => refusal({ error_type: "ERROR", messages: [{ ...message, params: [{ key: text, value: { s: text } }] }] }),
    () => refusal({ error_type: "ERROR", messages: [], data: { [text]: [text, { deep: text }] }, challenge: text }),
    () => refusal({ whole: text, other: { [text]: text } }),
    () => refusal(text, { "content-type": "text/plain", "retry-after": line(text), date: line(text) }),
    () =>
      refusal(`<html>${text}</html>`, { "content-type": `text/html; charset=${line(text)}`, "set-cookie": line(text) }),
  ];
  pick(random, ways)();
}

/** A file that could not be prepared, and why. */
function failed(body: string, text: string): string {
  const why = JSON.stringify({ id: text, default_message: text, args: [text], localized: text });
  return body.replaceAll('"PREPARED"', () => `"ERROR","error_message":${why}`);
}

/** One member, somewhere, as something else. */
function swap(body: string, random: Random, text: string): string {
  const value = read(body);
  const objects: Record<string, unknown>[] = [];
  const walk = (each: unknown): void => {
    if (typeof each !== "object" || each === null) return;
    objects.push(each as Record<string, unknown>);
    Object.values(each).forEach(walk);
  };
  walk(value);
  const other = pick<unknown>(random, [null, 7, text, [text], { [text]: text }, true, ""]);
  const [first, ...rest] = objects;
  if (!first) return JSON.stringify(other);
  const target = pick(random, [first, ...rest]);
  const [name = "x"] = Object.keys(target).toSorted(() => random() - 0.5);
  target[name] = other;
  return JSON.stringify(value);
}

function send(response: ServerResponse, { status, statusText, headers, body }: Answer): void {
  response.writeHead(status, statusText ?? "", headers);
  response.end(status === 204 ? "" : body);
}

function read(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

function valueOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "value" in value ? value.value : value;
}

/** What may stand in a header: visible ASCII. */
function line(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").trim();
}

function hostLike(text: string): string {
  return /^[\w-]{1,60}$/.test(text) ? text : "elsewhere";
}
