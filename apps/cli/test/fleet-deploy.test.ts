// The files of "deploy", checked as far as that is possible without a container and a cluster.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Command } from "commander";
import { readFleetDocument } from "@carrel/fleet/document";
import { describe, expect } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { createProgram } from "../src/program.ts";
import { test } from "./support/fixture.ts";

const execute = promisify(execFile);
const hasAnalyze = await execute("systemd-analyze", ["--version"]).then(
  () => true,
  () => false,
);
const read = (name: string): Promise<string> => readFile(new URL(`../deploy/${name}`, import.meta.url), "utf8");

/** Fails where a command line is not one of this program. Returns its flags. */
function expectCommand(words: readonly string[]): ReadonlySet<string> {
  let command: Command = createProgram();
  const rest = [...words];
  for (let next; (next = command.commands.find((each) => each.name() === rest[0])) !== undefined; rest.shift())
    command = next;
  expect(command.commands).toEqual([]);
  const { operands, unknown } = command.parseOptions(rest);
  expect(unknown).toEqual([]);
  expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length);
  return new Set(rest.filter((word) => word.startsWith("--")));
}

interface Container {
  readonly args: readonly string[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: { readonly matchLabels: object };
    readonly template?: {
      readonly metadata?: { readonly labels: object };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

describe("the files for deployment", () => {
  test.skipIf(!hasAnalyze)("carrel-fleet.service is one that systemd accepts", async ({ folder }) => {
    const unit = await read("carrel-fleet.service");
    const [, program = "", args = ""] = /^ExecStart=(\S+) (.*)$/mu.exec(unit) ?? [];
    expect(expectCommand(args.split(" "))).toEqual(new Set(["--transfers", "--metrics"]));
    const path = join(folder, "carrel-fleet.service");
    // What is not installed here stands for what is.
    await writeFile(path, unit.replace(program, process.execPath));
    const { stderr } = await execute("systemd-analyze", ["verify", path]);
    expect(stderr).not.toContain("carrel-fleet.service");
  });

  test("compose.yaml starts workers that the program accepts, with all that they refer to", async () => {
    const compose = parse(await read("compose.yaml"), { merge: true }) as {
      readonly services: Readonly<
        Record<string, { readonly command?: readonly string[]; readonly volumes?: readonly string[] }>
      >;
      readonly volumes: object;
      readonly secrets: object;
    };
    const { apply, worker } = compose.services;
    expect(expectCommand(apply?.command ?? [])).toEqual(new Set(["--yes"]));
    expect(expectCommand(worker?.command ?? [])).toEqual(new Set(["--transfers", "--metrics"]));
    const named = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(":")[0] ?? ""),
    );
    expect(Object.keys(compose.volumes).toSorted()).toEqual(
      [...new Set(named.filter((name) => !name.startsWith(".")))].toSorted(),
    );
  });

  test("kubernetes.yaml has a document that is right, and workers with a port for their probes", async () => {
    const parsed = parseAllDocuments(await read("kubernetes.yaml"));
    if (!Array.isArray(parsed)) throw new TypeError("The manifest is empty");
    expect(parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    const objects = parsed.map((document) => document.toJS() as Workload);
    expect(objects.map(({ kind }) => kind)).toEqual([
      "Secret",
      "ConfigMap",
      "PersistentVolumeClaim",
      "Job",
      "Deployment",
    ]);
    const { "fleet.yaml": fleet = "", "config.json": config = "" } = objects[1]?.data ?? {};
    const { document, mistakes } = readFleetDocument(fleet);
    expect(mistakes).toEqual([]);
    const { contexts } = JSON.parse(config) as { readonly contexts: object };
    for (const { context } of Object.values(document?.vcenters ?? {})) expect(Object.keys(contexts)).toContain(context);
    for (const { kind, spec } of objects.slice(3)) {
      const { containers, volumes } = spec?.template?.spec ?? { containers: [], volumes: [] };
      const [container] = containers;
      expectCommand(container?.args ?? []);
      const mounted = new Set(container?.volumeMounts.map(({ name }) => name));
      expect(new Set(volumes.map(({ name }) => name))).toEqual(mounted);
      if (kind !== "Deployment") continue;
      expect(spec?.selector?.matchLabels).toEqual(spec?.template?.metadata?.labels);
      expect(container?.readinessProbe?.httpGet).toEqual({ path: "/healthz", port: container?.ports?.[0]?.name });
      expect(container?.args.at(-1)).toBe(`0.0.0.0:${container?.ports?.[0]?.containerPort}`);
    }
  });

  test("the Dockerfile runs a worker, and asks it for its health where it answers", async () => {
    const text = await read("Dockerfile");
    const listOf = (instruction: string): readonly string[] =>
      JSON.parse(
        new RegExp(`^ *${instruction} (\\[.*\\])$`, "mu").exec(text.replace(/^HEALTHCHECK.*\\\n/mu, "HEALTH"))?.[1] ??
          "[]",
      ) as string[];
    expect(expectCommand(listOf("CMD"))).toEqual(new Set(["--metrics"]));
    const [node, flag, script = ""] = listOf("HEALTH *CMD");
    expect([node, flag]).toEqual(["node", "-e"]);
    expect(script).toContain(`:${listOf("CMD").at(-1)?.split(":")[1]}/healthz`);
    // Nothing listens here: not healthy.
    await expect(execute(process.execPath, ["-e", script.replace(/:\d+\//u, ":1/")])).rejects.toMatchObject({
      code: 1,
    });
    expect(text).toMatch(/^USER node$/mu);
  });
});
