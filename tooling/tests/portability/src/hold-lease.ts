// Opens a lease, leaves it open, and comes to its end: the process must end as well. Usage: hold-lease.ts TARGET WIRE
// Prints the API session's token, so that somebody else can end what is left.
import process from "node:process";
import type { WireStyle } from "@carrel/core";
import { connect, findItem } from "./connect.ts";
import type { TestServer } from "./test-server.ts";

const [json = "", wire] = process.argv.slice(2);
const target = JSON.parse(json) as TestServer;
const client = connect(target, wire as WireStyle);
await client.lease(await findItem(client, target), { onClose: "keep" });
console.log(await client.sessionToken());
