import { createClient, passwordAuth } from "@carrel/core";
import { reopenWhenLost, session$ } from "@carrel/rx";
import { openItemFile, readBlob } from "@carrel/web-stream";

/** What the test calls in the page. */
declare global {
  interface Window {
    readVerified(fileName: string): Promise<string>;
  }
}

const parameters = new URLSearchParams(location.hash.slice(1));
const [username = "", password = ""] = ["username", "password"].map((name) => parameters.get(name) ?? "");
const client = createClient({ endpoint: "/vc/lab", auth: passwordAuth({ username, password }), endOnPageHide: true });

session$(client, "item-1")
  .pipe(reopenWhenLost({ baseDelayMs: 10 }))
  .subscribe((snapshot) => (document.title = snapshot.phase === "active" ? snapshot.session.id : snapshot.phase));

window.readVerified = async (fileName) => {
  const stream = await openItemFile(client, "item-1", fileName);
  return `${(await readBlob(stream)).size} ${stream.facts?.verifiedBy}`;
};

addEventListener("pageshow", ({ persisted }) => (document.body.className = persisted ? "returned" : "loaded"));
