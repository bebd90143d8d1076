import { request } from "node:http";
import { pipeline } from "node:stream";
import { openServer } from "./open-server.ts";
import type { OpenServer } from "./open-server.ts";

/** Forwards every request to another server, and its answers without their `Date`. */
export function openDatelessProxy(target: URL): Promise<OpenServer> {
  return openServer((incoming, outgoing) => {
    outgoing.sendDate = false;
    const { method, url = "/", headers } = incoming;
    const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      delete answer.headers.date;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, outgoing, () => undefined);
    });
    pipeline(incoming, onward, () => undefined);
    onward.on("error", () => outgoing.destroy());
  });
}
