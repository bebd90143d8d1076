// Opens a lease and leaves it open: the process must end all the same. Usage: hold-lease.ts TARGET WIRE
// Prints the API session's token, so that another client can end the session.
import process from "node:process";
import type { WireStyle } from "@carrel/core";
import { connect, findItem } from "./connect.ts";
import type { TestServer } from "./test-server.ts";

const [json = "", wire] = process.argv.slice(2);
const target = JSON.parse(json) as TestServer;
const client = connect(target, wire as WireStyle);
await client.lease(await findItem(client, target), { onClose: "keep" });
console.log(await client.sessionToken());
