// Read by "ng serve": the relay runs in its process, and the development server passes the relay's path on to it.
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { passwordAuth } from "@carrel/core";
import { createRelay } from "@carrel/relay";

// The variables are those of the command line tool. They stay in this process: the page sees none of them.
const { VSPHERE_SERVER = "", VSPHERE_THUMBPRINT = "", VSPHERE_USER = "", VSPHERE_PASSWORD = "" } = process.env;

const relay = createRelay({
  endpoint: VSPHERE_SERVER,
  thumbprint: VSPHERE_THUMBPRINT,
  path: "/vcenter",
  auth: passwordAuth({ username: VSPHERE_USER, password: VSPHERE_PASSWORD }),
});
const server = createServer(relay.listener).listen(0, "127.0.0.1");
await once(server, "listening");
server.unref();

export default { "/vcenter": { target: `http://127.0.0.1:${server.address().port}` } };
