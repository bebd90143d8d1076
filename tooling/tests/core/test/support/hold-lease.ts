// Opens a lease, and leaves it and its client open. Usage: hold-lease.ts ORIGIN USER PASSWORD
import process from "node:process";
import { createClient, passwordAuth } from "@carrel/core";

const [endpoint = "", username = "", password = ""] = process.argv.slice(2);
const client = createClient({ endpoint, auth: passwordAuth({ username, password }) });
const [itemId = ""] = await client.item.find({ name: "one" });
const lease = await client.lease(itemId, { onClose: "keep" });
process.stdout.write(lease.getSnapshot().phase);
