import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, DownloadLease } from "@carrel/core";

/** What the test calls in the page. */
declare global {
  interface Window {
    openFile(username: string, password: string, itemId: string, fileName: string): Promise<string>;
    readFile(): Promise<number[]>;
    leaveFile(): Promise<void>;
  }
}

let client: CarrelClient | undefined;
let lease: DownloadLease | undefined;
const link = document.querySelector<HTMLAnchorElement>("#file");

window.openFile = async (username, password, itemId, fileName) => {
  client = createClient({ endpoint: "/vc/lab", auth: passwordAuth({ username, password }) });
  lease = await client.lease(itemId);
  const { uri } = await lease.prepare(fileName);
  if (link) link.href = uri;
  return uri;
};

window.readFile = async () => Array.from(new Uint8Array(await (await fetch(link?.href ?? "")).arrayBuffer()));

window.leaveFile = async () => {
  await lease?.close();
  await client?.close();
};
