import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { createServer } from "vite";

/** An example that is served by its own Vite, through the relay, from a simulator. */
export interface StartedExample extends AsyncDisposable {
  readonly url: string;
  readonly simulator: Simulator;
}

/** The libraries that the examples show. */
const libraries = [
  {
    name: "images",
    items: [
      {
        name: "ubuntu-26.04",
        type: "ovf",
        files: [
          { name: "ubuntu.ovf", sizeBytes: 9_216 },
          { name: "ubuntu-disk1.vmdk", sizeBytes: 48_300_000 },
          { name: "ubuntu.mf", sizeBytes: 290 },
        ],
      },
      { name: "debian-13", type: "iso", files: [{ name: "debian-13-netinst.iso", sizeBytes: 12_400_000 }] },
      { name: "rescue", type: "iso", files: [{ name: "rescue.iso", sizeBytes: 3_000_001 }] },
    ],
  },
];

/** The directory of an example. */
export const exampleDirectory = (name: string): string =>
  fileURLToPath(new URL(`../../../../apps/examples/${name}`, import.meta.url));

/** Starts an example. Sets the environment variables that its Vite configuration reads. */
export async function startExample(name: string): Promise<StartedExample> {
  const root = exampleDirectory(name);
  if (!/^\w[\w-]*$/u.test(name) || !existsSync(root)) throw new Error(`There is no example ${name}`);
  const simulator = await startSimulator({
    tls: true,
    libraries,
    lease: { lifeMs: 90_000 },
    prepare: { preparingMs: 700 },
  });
  const { username, password } = simulator.credentials;
  Object.assign(process.env, {
    VSPHERE_SERVER: simulator.url.host,
    VSPHERE_THUMBPRINT: simulator.certificate?.sha256,
    VSPHERE_USER: username,
    VSPHERE_PASSWORD: password,
  });
  const { url, close } = existsSync(join(root, "vite.config.ts")) ? await serveByVite(root) : await serveByItself(root);
  return {
    url,
    simulator,
    async [Symbol.asyncDispose]() {
      await close();
      await simulator.close();
    },
  };
}

interface Served {
  readonly url: string;
  readonly close: () => Promise<unknown>;
}

async function serveByVite(root: string): Promise<Served> {
  const server = await createServer({ root, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  await server.listen();
  return { url: server.resolvedUrls?.local[0] ?? "", close: () => server.close() };
}

/** Runs the example's own server, which prints its address, and ends with SIGINT. */
async function serveByItself(root: string): Promise<Served> {
  const isAngular = existsSync(join(root, "angular.json"));
  const command = isAngular ? ["node_modules/@angular/cli/bin/ng.js", "serve", "--port", "0"] : ["src/serve.ts"];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      printed += String(chunk);
      const [, found] = /(http:\S+)\s/u.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error(`${root} has no address: ${printed}`)));
  });
  return { url: withFile(url), close: () => (child.kill(isAngular ? "SIGTERM" : "SIGINT"), closed) };
}

/** The address of one of the files. */
const withFile = (url: string): string => url.replace("LIBRARY/ITEM/FILE", "images/ubuntu-26.04/ubuntu-disk1.vmdk");
