// `carrel get` of many small files, verified, beside `govc library.export`, which verifies nothing and syncs nothing to the
// disk, from the same server over TLS; they take turns. Aim: half of govc's time. `npm run test:vcsim` builds govc and vcsim.
// Servers: `simulator`, `vcsim`, or a simulator that is as slow as a real one is: `simulator:20` answers each request after
// 20 ms, and `simulator:20:100` makes a file ready in 100 ms.
// Usage: node tooling/bench/cli/get-many.ts [server] [files] [MiB each] [rounds] [flags of carrel get]
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startSimulator } from "@carrel/simulator";
import type { Fault } from "@carrel/simulator";
import { seedLibrary, startVcsim } from "@carrel/vcsim";
import { median } from "../median.ts";
import { carrel, environmentFor, timeRun } from "./run.ts";

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** PEM. */
  readonly certificate: string;
  readonly carrelEnvironment: Readonly<Record<string, string>>;
}

const [wanted = "simulator", count = "200", mib = "1", rounds = "7", ...flags] = process.argv.slice(2);
const [kind, ...slowness] = wanted.split(":");
const files = Array.from({ length: Number(count) }, (_, index) => ({
  name: `file-${index}.bin`,
  sizeBytes: Number(mib) * 2 ** 20,
}));
await using server = await (kind === "vcsim" ? vcsimWithFiles() : simulatorWithFiles(...slowness.map(Number)));
const scratch = await mkdtemp(join(tmpdir(), "carrel-bench-"));
const trusted = join(scratch, "trusted.pem");
await writeFile(trusted, server.certificate);
const govc = fileURLToPath(new URL("../../tests/govmomi/bin/govc", import.meta.url));
const govcEnvironment = {
  PATH: process.env["PATH"],
  HOME: scratch,
  GOVC_URL: server.url,
  GOVC_USERNAME: server.user,
  GOVC_PASSWORD: server.password,
  GOVC_PERSIST_SESSION: "false",
  GOVC_TLS_CA_CERTS: trusted,
};
const ways: Readonly<Record<string, (folder: string) => Promise<{ readonly ms: number }>>> = {
  "govc library.export": (folder) => timeRun(govc, ["library.export", "/Bench/many"], govcEnvironment, folder),
  "carrel get": (folder) =>
    timeRun(process.execPath, [carrel, "get", "Bench/many", "-o", folder, ...flags], server.carrelEnvironment),
};
const times = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
try {
  for (let round = -1; round < Number(rounds); round += 1) {
    for (const [way, run] of Object.entries(ways)) {
      const folder = await mkdtemp(join(scratch, "out-"));
      const { ms } = await run(folder);
      const got = (await readdir(folder)).filter((name) => name !== ".carrel.json");
      if (got.length !== files.length) throw new Error(`${way} left ${got.length} files.`);
      await rm(folder, { recursive: true });
      // The first round warms caches, and the server computes its checksums.
      if (round >= 0) times.get(way)?.push(ms);
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
const base = median(times.get("govc library.export") ?? []);
console.table(
  [...times].map(([way, each]) => ({
    way,
    "median s": Number((median(each) / 1000).toFixed(2)),
    "best s": Number((Math.min(...each) / 1000).toFixed(2)),
    "times as fast as govc": Number((base / median(each)).toFixed(2)),
  })),
);

async function simulatorWithFiles(answerMs = 0, prepareMs = 0): Promise<Server> {
  const late = (["*", "transfer"] as const).map((on): Fault => {
    return { on, kind: "delay", delayMs: answerMs, times: "always" };
  });
  const simulator = await startSimulator({
    tls: true,
    faults: answerMs > 0 ? late : [],
    prepare: { requestedMs: prepareMs / 2, preparingMs: prepareMs / 2 },
    libraries: [{ name: "Bench", items: [{ name: "many", type: "iso", files }] }],
  });
  const { username: user, password } = simulator.credentials;
  return {
    url: simulator.url.href,
    user,
    password,
    certificate: simulator.certificate?.pem ?? "",
    carrelEnvironment: environmentFor(simulator),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

async function vcsimWithFiles(): Promise<Server> {
  const vcsim = await startVcsim();
  await seedLibrary(vcsim, { library: "Bench", item: "many", files });
  const { url, user, password, certificate, thumbprint } = vcsim;
  const carrelEnvironment = {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    VSPHERE_SERVER: url,
    VSPHERE_USER: user,
    VSPHERE_PASSWORD: password,
    VSPHERE_THUMBPRINT: thumbprint,
  };
  return {
    url,
    user,
    password,
    certificate,
    carrelEnvironment,
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}
