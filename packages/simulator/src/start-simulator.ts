import { systemClock } from "@carrel/core";
import { checkOptions } from "./input/check-options.ts";
import { createInventory } from "./inventory.ts";
import { Journal } from "./journal/journal.ts";
import { KnownHosts } from "./server/access.ts";
import { listen } from "./server/listen.ts";
import type { Listener } from "./server/listen.ts";
import { servedOperations } from "./operations/operation-table.ts";
import { requestListener } from "./server/request-listener.ts";
import type { ListenerSettings } from "./server/request-listener.ts";
import { createRouter } from "./server/router.ts";
import type { Simulator } from "./simulator.ts";
import type { SimulatorOptions } from "./model/simulator-options.ts";
import { World } from "./state/world.ts";
import { certificateFor } from "./tls/certificate.ts";
import type { SimulatorCertificate } from "./tls/certificate.ts";

/**
 * Starts an embedded vCenter content library: a real server on 127.0.0.1 that speaks both wire styles, in this process.
 * Takes a few milliseconds; the first simulator with TLS also makes the certificate, which takes a little longer.
 *
 * @throws SimulatorInputError where an option is wrong; the message begins with the place of the mistake.
 * @throws Error where the port is in use.
 *
 * @example
 * ```ts
 * import { startSimulator } from "@carrel/simulator";
 *
 * await using simulator = await startSimulator({
 *   tls: true,
 *   libraries: [{ name: "images", items: [{ name: "debian", files: [{ name: "debian.iso", sizeBytes: 64 << 20 }] }] }],
 * });
 * const digest = await simulator.inventory.item("images/debian").file("debian.iso").sha256();
 * ```
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(options, "");
  const world = new World(options, options.clock ?? systemClock);
  const journal = new Journal(options.journalLimit ?? 100_000);
  const common = { world, journal, cors: options.cors ?? false, hosts: new KnownHosts(options.hosts ?? []) };
  const router = createRouter(servedOperations, world.traits.styles);
  const main = await startServer(options.port ?? 0, options, "carrel-simulator", {
    ...common,
    server: "vcenter",
    router,
  });
  try {
    const transfer =
      options.transferOrigin === "own"
        ? await startServer(0, options, "carrel-simulator-transfers", { ...common, server: "transfer", router })
        : main;
    world.server.origin = main.listener.origin;
    world.server.transferOrigin = transfer.listener.origin;
    world.server.transferCertificate = transfer.certificate;
    return simulatorOf(world, journal, main, transfer);
  } catch (error) {
    await main.listener.close();
    throw error;
  }
}

interface Server {
  readonly listener: Listener;
  readonly certificate: SimulatorCertificate | undefined;
}

async function startServer(
  port: number,
  options: SimulatorOptions,
  certificateName: string,
  settings: ListenerSettings,
): Promise<Server> {
  const keyed = options.tls ? await certificateFor(certificateName) : undefined;
  const listener = await listen(port, keyed, requestListener(settings));
  return { listener, certificate: keyed && { pem: keyed.pem, sha1: keyed.sha1, sha256: keyed.sha256 } };
}

function simulatorOf(world: World, journal: Journal, main: Server, transfer: Server): Simulator {
  const { apiSessions, downloadSessions } = world;
  const close = async (): Promise<void> => {
    await Promise.all([main, ...(transfer === main ? [] : [transfer])].map((server) => server.listener.close()));
  };
  return {
    url: new URL(world.server.origin),
    certificate: main.certificate,
    transferUrl: new URL(world.server.transferOrigin),
    transferCertificate: transfer.certificate,
    credentials: world.apiSessions.credentials,
    faults: world.faults,
    inventory: createInventory(world.store),
    get journal() {
      return journal.entries;
    },
    get openSessions() {
      return downloadSessions
        .all()
        .filter((session) => session.state === "ACTIVE")
        .map((session) => session.id);
    },
    get downloadSessions() {
      return downloadSessions.all().map((session) => ({
        id: session.id,
        itemId: session.itemId,
        state: session.state,
        progressPercent: session.progress,
        expiresAt: session.expirationTime,
      }));
    },
    get openApiSessions() {
      return apiSessions.open.map((session) => ({
        user: session.user,
        createdAt: session.createdTime,
        lastAccessedAt: session.lastAccessedTime,
      }));
    },
    expireDownloadSessions(id) {
      for (const session of downloadSessions.all()) {
        if (id === undefined || session.id === id) downloadSessions.expire(session);
      }
    },
    expireApiSessions: () => apiSessions.expireAll(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
