import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vcenterSource } from "@carrel/mirror/source";
import { startSimulator } from "@carrel/simulator";
import { createServerCertificate, serveLibrary } from "@carrel/vcsp/serve";
import { openSubscription } from "@carrel/vcsp/subscribe";
import type { Subscription } from "@carrel/vcsp/subscribe";
import { connect } from "../../connection/connect.ts";
import { formatBytes, formatCount } from "../../output/format.ts";
import { showOutages } from "../../output/outages.ts";
import { printable } from "../../output/printable.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import type { Run } from "../../run/run-command.ts";
import { mirrorEach } from "../mirror/mirror-each.ts";
import { addDemoItem } from "../sim/demo-item.ts";

/** Any password: it is for this run alone. */
const password = "demo";

/** `carrel demo --publish`. */
export async function runPublishDemo(run: Run): Promise<void> {
  const { screen, signal } = run;
  await using simulator = await startSimulator({ tls: true });
  const target = await addDemoItem(simulator);
  const { id, name } = simulator.inventory.library(target.library);
  const root = await mkdtemp(join(tmpdir(), "carrel-demo-"));
  const thumbprint = simulator.certificate?.sha256;
  const { username: user, password: secret } = simulator.credentials;
  const read = async (): Promise<string> => secret;
  const login = { kind: "password", user, password: { origin: "the simulator", read } } as const;
  const tls = { thumbprint, thumbprintFrom: "settings", ca: undefined } as const;
  const server = new URL(simulator.url.origin);
  await using connection = connect({ server, user, login, ...tls, wire: "auto", proxy: false }, run);
  const { client, pool } = connection;
  const mirror = async (): Promise<void> => {
    const outages = showOutages(screen, { server: client.origin, json: false, clock: run.io.clock });
    const options = { ...readDownloadSettings({}), pool, signal, publish: true };
    const source = vcenterSource(client);
    await mirrorEach({ source, libraries: [{ id, name, root }], options, json: false, outages }, run);
  };
  screen.print(`A simulated vCenter runs at ${server.origin}. Its library, mirrored and published, as by`);
  screen.print(`  carrel mirror ${name} ${root} --publish`);
  await mirror();

  const certificate = await createServerCertificate();
  await using served = await serveLibrary(root, { port: 0, certificate, password });
  screen.print("");
  screen.print(`Served at ${served.url.href}, as by carrel serve. What a subscriber sees there:`);
  const options = { password, signal, thumbprint: served.fingerprints?.sha256 ?? "", proxy: false } as const;
  await using subscription = await openSubscription(served.url, options);
  show(subscription, run);

  simulator.inventory.item(`${name}/${target.item}`).putFile({ name: "release-notes.txt", text: "Version 2\n" });
  screen.print("");
  screen.print("The item changes at the vCenter, and the same command runs again:");
  await mirror();
  await subscription.refresh({ signal });
  screen.print("");
  screen.print("The subscriber sees, at another path, while the files before stay for a day:");
  show(subscription, run);
}

function show({ library, items }: Subscription, { screen }: Run): void {
  screen.print(`  "${printable(library.name)}", version ${library.version}: ${formatCount(items.length, "item")}`);
  for (const { name, version, files } of items) {
    screen.print(`  ${printable(name)}, version ${version}`);
    for (const { path, sizeBytes } of files) {
      screen.print(`    ${formatBytes(sizeBytes).padStart(10)}  ${printable(path)}`);
    }
  }
}
