import { request } from "node:https";

/** A simulator, as far as fetching from it needs it. */
export interface Served {
  readonly origin: string;
  readonly pem: string;
  readonly credentials: { readonly username: string; readonly password: string };
  readonly itemId: string;
}

/** One call in the modern style. */
export async function call(
  served: Served,
  method: string,
  path: string,
  headers: object,
  body?: object,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(new URL(path, served.origin), { method, headers: { ...headers }, ca: served.pem, agent: false });
  sent.on("error", reject).on("response", (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("end", () => resolve(text)).on("error", reject);
  });
  sent.end(body && JSON.stringify(body));
  const text = await promise;
  return text === "" ? undefined : JSON.parse(text);
}

/** Logs in, opens a download session and prepares the virtual file; returns its transfer URL. */
export async function prepareFile(served: Served): Promise<string> {
  const { username, password } = served.credentials;
  const token = await call(served, "POST", "/api/session", {
    authorization: `Basic ${btoa(`${username}:${password}`)}`,
  });
  const headers = { "vmware-api-session-id": token };
  const sessions = "/api/content/library/item/download-session";
  const id = await call(served, "POST", sessions, headers, { library_item_id: served.itemId });
  const info = await call(served, "POST", `${sessions}/${String(id)}/file?action=prepare`, headers, {
    file_name: "virtual.bin",
  });
  return (info as { download_endpoint: { uri: string } }).download_endpoint.uri;
}
