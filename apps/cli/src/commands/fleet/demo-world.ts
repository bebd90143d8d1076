import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";

const MiB = 1024 * 1024;
/** Slow enough that a worker can be killed in the middle of a file. */
const bytesPerSecond = 6 * MiB;
const cities = ["berlin", "lisbon", "osaka"] as const;

/** Three simulated vCenters, and a directory with settings and a document for them. */
export interface DemoWorld extends AsyncDisposable {
  readonly simulators: ReadonlyMap<string, Simulator>;
  /** Path of the document. */
  readonly document: string;
  /** Where files go. */
  readonly images: string;
  /** The environment of the workers. */
  readonly env: Environment;
}

/** Starts the simulators, and writes what workers need. Disposal stops them, and deletes the directory. */
export async function makeWorld(given: Environment): Promise<DemoWorld> {
  await using made = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "carrel-fleet-demo-"));
  made.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const simulators = new Map<string, Simulator>();
  for (const [index, city] of cities.entries()) {
    const files = [
      { name: "disk.vmdk", sizeBytes: (24 + 6 * index) * MiB },
      { name: "notes.txt", text: `An appliance from ${city}.\n` },
    ];
    const items = [
      { name: "appliance", files },
      { name: "tools", files: [{ name: "tools.iso", sizeBytes: 4 * MiB }] },
    ];
    const libraries = [{ name: "Images", items }];
    simulators.set(city, made.use(await startSimulator({ tls: true, libraries, transfer: { bytesPerSecond } })));
  }
  const images = join(root, "images");
  const config = join(root, "config");
  await mkdir(images);
  await mkdir(join(config, "carrel"), { recursive: true, mode: 0o700 });
  const password = join(config, "carrel", "password");
  const contexts: Record<string, object> = {};
  for (const [city, { url, certificate, credentials }] of simulators) {
    await writeFile(password, credentials.password, { mode: 0o600 });
    const { username: user } = credentials;
    contexts[city] = {
      server: url.origin,
      user,
      thumbprint: certificate?.sha256,
      passwordFile: password,
      proxy: "none",
    };
  }
  await writeFile(join(config, "carrel", "config.json"), JSON.stringify({ contexts }), { mode: 0o600 });
  const document = join(root, "fleet.yaml");
  await writeFile(document, documentText(images));
  const state = { XDG_CONFIG_HOME: config, XDG_STATE_HOME: join(root, "state") };
  const others = Object.entries(given).filter(([name]) => !name.startsWith("VSPHERE_") && name !== "CARREL_CONTEXT");
  const env = { ...Object.fromEntries(others), ...state };
  const kept = made.move();
  return { simulators, document, images, env, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function documentText(images: string): string {
  return [
    "vcenters:",
    ...cities.map((city) => `  ${city}: { context: ${city}, transfers: 2 }`),
    "targets:",
    `  disk: { path: ${JSON.stringify(images)} }`,
    "mirrors:",
    ...cities.map((city) => `  ${city}: { vcenter: ${city}, library: Images, target: disk, prefix: ${city} }`),
    "",
  ].join("\n");
}

/** What was compared in the end. */
export interface DemoProof {
  readonly files: number;
  readonly sizeBytes: number;
  /** That the vCenters sent. */
  readonly sentBytes: number;
  readonly leftSessions: number;
}

/**
 * Compares each file with what its vCenter has.
 *
 * @throws {@link CliError} exit code 5: one differs, or is missing.
 */
export async function compareAll({ simulators, images }: DemoWorld): Promise<DemoProof> {
  let [files, sizeBytes, sentBytes, leftSessions] = [0, 0, 0, 0];
  for (const [city, simulator] of simulators) {
    for (const item of simulator.inventory.library("Images").items) {
      for (const file of item.files) {
        const path = join(images, city, item.name, file.name);
        if ((await sha256Of(path)) !== (await file.sha256())) {
          throw new CliError(`${path} is not what its vCenter has`, { exitCode: exitCodes.integrity });
        }
        files += 1;
        sizeBytes += file.sizeBytes;
      }
    }
    for (const { kind, sentBytes: sent } of simulator.journal) sentBytes += kind === "transfer" ? sent : 0;
    leftSessions += simulator.openSessions.length;
  }
  return { files, sizeBytes, sentBytes, leftSessions };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
