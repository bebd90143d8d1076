import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Ended } from "./empty-folder.ts";

/** A file that a thread hashes where threads are available, and a file that is always hashed in place. */
const files = [
  { name: "large.iso", sizeBytes: 20_971_533 },
  { name: "small.txt", sizeBytes: 300_000 },
];

/** What the program `download.mjs` printed, and what exists afterwards. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Whether a thread computed digests. `undefined` where the program printed nothing. */
  readonly hasThread: boolean | undefined;
  /** Name, how the file was verified, and whether it equals the one on the server. */
  readonly files: readonly (readonly [name: string, verifiedBy: string, isRight: boolean])[];
  /** Names in the directory. */
  readonly names: readonly string[];
  /** Download sessions and logins that are still open on the server. */
  readonly left: number;
}

/** Lets a program download from a simulator. `start` runs `download.mjs`, bundled or not, with this environment. */
export async function downloadBy(start: (env: Readonly<Record<string, string>>) => Promise<Ended>): Promise<Outcome> {
  await using simulator = await startSimulator({
    tls: true,
    libraries: [{ name: "images", items: [{ name: "ubuntu", type: "iso", files }] }],
  });
  const folder = await mkdtemp(join(tmpdir(), "carrel-downloads-"));
  try {
    const item = simulator.inventory.item("images/ubuntu");
    const { exitCode, stdout, stderr } = await start({
      CARREL_ENDPOINT: simulator.url.origin,
      CARREL_USER: simulator.credentials.username,
      CARREL_PASSWORD: simulator.credentials.password,
      CARREL_THUMBPRINT: simulator.certificate?.sha256 ?? "",
      CARREL_ITEM: item.id,
      CARREL_FOLDER: folder,
    });
    const said = (stdout === "" ? { files: [] } : JSON.parse(stdout)) as {
      readonly files: readonly (readonly [name: string, verifiedBy: string])[];
      readonly hasThread?: boolean;
    };
    const names = (await readdir(folder)).toSorted();
    const got: (readonly [string, string, boolean])[] = [];
    for (const [name, verifiedBy] of said.files) {
      const isRight = names.includes(name) && (await sha256(join(folder, name))) === (await item.file(name).sha256());
      got.push([name, verifiedBy, isRight]);
    }
    const left = simulator.openSessions.length + simulator.openApiSessions.length;
    return { exitCode, stderr, hasThread: said.hasThread, files: got, names, left };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The expected outcome, with a thread or in place. */
export function downloaded(hasThread: boolean): Omit<Outcome, "stderr"> {
  return {
    exitCode: 0,
    hasThread,
    files: files.map(({ name }) => [name, "checksum", true]),
    names: files.map(({ name }) => name),
    left: 0,
  };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
