import { openServer } from "./open-server.ts";
import type { OpenServer } from "./open-server.ts";

const cors = { "Access-Control-Allow-Origin": "*" };

/** Redirects every call to `/elsewhere`, and tells at `/followed` how many have gone there. */
export function openRedirectingServer(): Promise<OpenServer> {
  let followed = 0;
  return openServer((incoming, outgoing) => {
    if (incoming.url === "/followed") {
      outgoing.writeHead(200, cors).end(String(followed));
    } else if (incoming.url === "/elsewhere") {
      followed += 1;
      outgoing.writeHead(200, cors).end();
    } else if (incoming.method === "OPTIONS") {
      const allowed = incoming.headers["access-control-request-headers"] ?? "";
      outgoing.writeHead(204, { ...cors, "Access-Control-Allow-Headers": allowed }).end();
    } else {
      outgoing.writeHead(307, { ...cors, Location: "/elsewhere" }).end();
    }
  });
}
