import { createClient, passwordAuth } from "@carrel/core";
import { reopenWhenLost, session$ } from "@carrel/rx";

const parameters = new URLSearchParams(location.hash.slice(1));
const [username = "", password = ""] = ["username", "password"].map((name) => parameters.get(name) ?? "");
const client = createClient({ endpoint: "/vc/lab", auth: passwordAuth({ username, password }), endOnPageHide: true });

session$(client, "item-1")
  .pipe(reopenWhenLost({ baseDelayMs: 10 }))
  .subscribe((snapshot) => (document.title = snapshot.phase === "active" ? snapshot.session.id : snapshot.phase));

addEventListener("pageshow", ({ persisted }) => (document.body.className = persisted ? "returned" : "loaded"));
