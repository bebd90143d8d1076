import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import { connect } from "../../connection/connect.ts";
import { addDemoItem } from "../sim/demo-item.ts";
import { getItems } from "../get/get-items.ts";
import { Catalog } from "../../names/catalog.ts";
import { selectItems } from "../../names/select-items.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import { showOutages } from "../../output/outages.ts";
import type { Run } from "../../run/run-command.ts";

/** `carrel demo`. */
export async function runDemo(run: Run): Promise<void> {
  const { screen } = run;
  await using simulator = await startSimulator({ tls: true });
  const target = await addDemoItem(simulator);
  const directory = await mkdtemp(join(tmpdir(), "carrel-demo-"));
  const thumbprint = simulator.certificate?.sha256;
  screen.print(`A simulated vCenter runs at ${simulator.url.origin} with a certificate of its own:`);
  screen.print(`  ${thumbprint ?? "none"}`);
  screen.print(
    `Downloading ${target.library}/${target.item} from it, as "carrel get" does, with that certificate pinned.`,
  );
  screen.print("");
  {
    const { username: user, password } = simulator.credentials;
    const read = async (): Promise<string> => password;
    const login = { kind: "password", user, password: { origin: "the simulator", read } } as const;
    const tls = { thumbprint, thumbprintFrom: "settings", ca: undefined } as const;
    const server = new URL(simulator.url.origin);
    await using connection = connect({ server, user, login, ...tls, wire: "auto", proxy: false }, run);
    const items = await selectItems(new Catalog(connection.client, run), [target]);
    const outages = showOutages(run.screen, { server: connection.client.origin, json: false, clock: run.io.clock });
    const directories = new Map(items.map((item) => [item, directory]));
    const transfer = readDownloadSettings({});
    await getItems(connection, { directories, transfer, record: true, json: false, outages }, run);
  }
  const left = simulator.openSessions.length + simulator.openApiSessions.length;
  if (left > 0) throw new CliError(`${left} sessions are still open on the server`, { exitCode: exitCodes.failed });
  screen.print("No session is left open on the server: neither a download session nor the login.");
}
