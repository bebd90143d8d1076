import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { createClient, passwordAuth, samlAuth } from "@carrel/core";
import type { CarrelClient, DownloadLease, WireStyle } from "@carrel/core";
import { operations } from "@carrel/core/operations";
import { createNodeFetch, openFile } from "@carrel/node-stream";
import type { NodeFetch } from "@carrel/node-stream";
import { tries } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { startHostileVcenter } from "./support/hostile-vcenter.ts";
import { pick, randomOf } from "./support/random.ts";
import { makeSecrets, shownIn } from "./support/secrets.ts";
import type { Secrets } from "./support/secrets.ts";

const runs = tries(60, 400);
const username = "reader@vsphere.local";
const input = {
  name: "n",
  file_name: "disk 0.vmdk",
  library_id: "l",
  library_item_id: "item-1",
  client_error_message: "m",
  force_sync_content: true,
};

type Method = (...args: unknown[]) => Promise<unknown>;
type Act = (client: CarrelClient) => Promise<unknown>;

/** What a lease does. */
const leaseActs: readonly [Act, ...Act[]] = [
  (client) => duringLease(client, (lease) => lease.prepare("disk 0.vmdk", { timeoutMs: 30 })),
  (client) => duringLease(client, (lease) => lease.files()),
  (client) => duringLease(client, readFile),
  (client) =>
    duringLease(client, async (lease) => [
      await lease.endpoint("disk 0.vmdk", { timeoutMs: 30 }),
      await lease.file("disk 0.vmdk"),
    ]),
];

/** Every operation of the face, and the login. */
const acts: readonly [Act, ...Act[]] = [
  (client) => client.sessionToken(),
  (client) => client.wireStyle(),
  async (client) => {
    const files = await client.downloadSession.file.list("s:1");
    return Promise.all(files.map((file) => client.downloadSession.file.get("s:1", { file_name: file.name })));
  },
  ...Object.values(operations)
    .filter((operation) => operation.access === "session" && !operation.id.startsWith("session."))
    .map((operation): Act => (client) => {
      const names = operation.id.split(".");
      const service = names
        .slice(0, -1)
        .reduce<unknown>((each, name) => (each as Record<string, unknown>)[name], client);
      const method = (service as Record<string, Method>)[names.at(-1) ?? ""];
      const takesInput =
        operation.api.body !== "none" || operation.rest.body !== "none" || operation.api.query.length > 0;
      const args = operation.arguments.map(() => "id-1");
      if (!method) throw new Error(`${operation.id} is not on the face`);
      return takesInput ? method(...args, input) : method(...args);
    }),
];

async function duringLease(client: CarrelClient, work: (lease: DownloadLease) => Promise<unknown>): Promise<unknown> {
  const lease = await client.lease("item-1");
  try {
    return await work(lease);
  } finally {
    await lease[Symbol.asyncDispose]();
    expect(lease.signal.aborted).toBe(true);
  }
}

async function readFile(lease: DownloadLease): Promise<void> {
  const limits = {
    prepareTimeoutMs: 30,
    factsTimeoutMs: 30,
    stallTimeoutMs: 200,
    resumeLimit: 1,
    resumeDelayMs: 1,
    proxy: false,
  } as const;
  for await (const chunk of await openFile(lease, "disk 0.vmdk", limits)) void chunk;
}

/** Everything that a logger could make of an error, an event, or whatever it is given. */
function printed(value: unknown): string {
  const texts = [
    inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null }),
    inspect(value),
    JSON.stringify(value),
  ];
  for (let each = value; each instanceof Error; each = each.cause)
    texts.push(String(each), each.stack ?? "", JSON.stringify(each));
  return texts.join("\n");
}

function expectNothingShown(value: unknown, secrets: Secrets, seed: number): void {
  const text = printed(value);
  const shown = shownIn(text, secrets, username);
  expect({ seed, shown, ...(shown.length > 0 ? { text } : {}) }).toEqual({ seed, shown: [] });
}

test.each([
  ["the platform's fetch", (): NodeFetch | undefined => undefined],
  ["createNodeFetch", (): NodeFetch | undefined => createNodeFetch({ proxy: false })],
] as const)(
  "whatever a server answers, nobody sees a secret: %s",
  async (_, makeFetch) => {
    await using server = await startHostileVcenter();
    await using fetch = makeFetch();
    const firstSeed = Number(process.env["SEED"] ?? 1);
    const codes = new Set<string>();
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const random = randomOf(seed);
      const secrets = makeSecrets(random);
      const byPassword = random() < 0.8;
      const credential = byPassword ? secrets.password : secrets.assertion;
      server.behave({ random, secrets, username, credential, share: pick(random, [0.15, 0.4, 0.9]) });
      const wire = pick<WireStyle | "auto">(random, ["api", "rest", "auto"]);
      const events: unknown[] = [];
      const logger = {
        debug: (...line: unknown[]) => events.push(line),
        warn: (...line: unknown[]) => events.push(line),
      };
      const client = createClient({
        endpoint: server.origin,
        auth: byPassword ? passwordAuth({ username, password: secrets.password }) : samlAuth(secrets.assertion),
        wire,
        retry: { limit: 1, baseDelayMs: 1, maxDelayMs: 2 },
        logger,
        ...(fetch && { fetch }),
      });
      client.onDiagnostic((event) => {
        events.push(event);
        if (event.type === "response" && event.operation.startsWith("downloadSession.file.")) server.filesWereRead();
      });
      for (let count = 0; count < 2; count++) {
        try {
          await pick(random, random() < 0.6 ? leaseActs : acts)(client);
        } catch (error) {
          codes.add(error instanceof Error && "code" in error ? String(error.code) : String(error));
          expectNothingShown(error, secrets, seed);
          expectNothingShown(new Error("wrapped", { cause: error }), secrets, seed);
        }
      }
      await client[Symbol.asyncDispose]();
      expectNothingShown(events, secrets, seed);
    }
    // A closed set: a TypeError of ours would stand here.
    expect([...codes].filter((code) => !/^[A-Z_]+$/.test(code))).toEqual([]);
    expect([...codes]).toEqual(
      expect.arrayContaining(["AUTH", "NOT_FOUND", "REJECTED", "BUSY", "TRANSPORT", "PROTOCOL"]),
    );
  },
  300_000,
);

test.each([
  ["the platform's fetch", (): NodeFetch | undefined => undefined],
  ["createNodeFetch", (): NodeFetch | undefined => createNodeFetch({ proxy: false })],
] as const)("nor where nobody listens: %s", async (_, makeFetch) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await using fetch = makeFetch();
  for (const endpoint of [`http://127.0.0.1:${port}`, "http://no-such-host.invalid"]) {
    for (const wire of ["api", "rest", "auto"] as const) {
      const secrets = makeSecrets(randomOf(port));
      await using client = createClient({
        endpoint,
        auth: passwordAuth({ username, password: secrets.password }),
        wire,
        retry: { limit: 0 },
        ...(fetch && { fetch }),
      });
      const error: unknown = await client.library.list().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "TRANSPORT" });
      expectNothingShown(error, secrets, port);
    }
  }
});
