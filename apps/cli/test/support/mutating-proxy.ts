import { createServer, request as send } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";

/** An answer of the server behind the proxy, before it is passed on. */
export interface ProxiedAnswer {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** What becomes of an answer: absent members stay as they are. */
export interface Mutation {
  readonly status?: number;
  readonly body?: string;
}

/** A server that passes everything on to another one, and changes answers. Only HTTP. */
export interface MutatingProxy extends AsyncDisposable {
  readonly url: URL;
}

/** Starts a proxy in front of a server. */
export async function startMutatingProxy(
  target: URL,
  mutate: (answer: ProxiedAnswer) => Mutation,
): Promise<MutatingProxy> {
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/" } = incoming;
    const headers = { ...incoming.headers, host: target.host };
    const forwarded = send(new URL(url, target), { method, headers });
    forwarded.end(await buffer(incoming));
    const [answer] = (await once(forwarded, "response")) as [IncomingMessage];
    const body = (await buffer(answer)).toString();
    const status = answer.statusCode ?? 500;
    const changed = mutate({ method, path: url.split("?")[0] ?? "/", status, body });
    const { "content-length": _length, "transfer-encoding": _encoding, ...rest } = answer.headers;
    outgoing.writeHead(changed.status ?? status, rest);
    outgoing.end(changed.body ?? body);
  };
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Changes every text of a JSON value, by the name of its member; in lists, that of the list. */
export function mapTexts(value: unknown, change: (text: string, member: string) => unknown, member = ""): unknown {
  if (typeof value === "string") return change(value, member);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapTexts(each, change, name)]));
}
