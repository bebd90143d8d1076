import { realClock } from "./clock/real-clock.ts";
import { createInventory } from "./inventory/create-inventory.ts";
import { Journal } from "./journal/journal.ts";
import { listen } from "./server/listen.ts";
import { servedOperations } from "./server/operation-table.ts";
import { requestListener } from "./server/request-listener.ts";
import { createRouter } from "./server/router.ts";
import type { Simulator } from "./simulator.ts";
import type { SimulatorOptions } from "./simulator-options.ts";
import { createWorld } from "./state/create-world.ts";
import type { World } from "./state/world.ts";
import { certificateFor } from "./tls/certificate.ts";
import type { SimulatorCertificate } from "./tls/certificate.ts";

/**
 * Starts an embedded vCenter content library: a real server on 127.0.0.1 that speaks both wire styles, in this process.
 * Takes milliseconds; the first one with TLS makes the certificate, which takes some more.
 *
 * @throws Error: the port is in use, or an option is wrong; the message says which.
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
  const world = createWorld(options, options.clock ?? realClock);
  const journal = new Journal(options.journalLimit ?? 100_000);
  const router = createRouter(servedOperations, world.traits.styles);
  const certificate = options.tls ? await certificateFor("carrel-simulator") : undefined;
  const listener = await listen(
    options.port ?? 0,
    certificate,
    requestListener({ origin: "vcenter", world, router, journal, cors: options.cors ?? false }),
  );
  const shown = certificate && withoutKey(certificate);
  world.places.origin = listener.origin;
  world.places.transferOrigin = listener.origin;
  world.places.transferCertificate = shown;
  return simulatorOf(world, journal, shown, () => listener.close());
}

function simulatorOf(
  world: World,
  journal: Journal,
  certificate: SimulatorCertificate | undefined,
  close: () => Promise<void>,
): Simulator {
  const { apiSessions, downloadSessions } = world;
  return {
    url: new URL(world.places.origin),
    certificate,
    credentials: world.credentials,
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
    [Symbol.asyncDispose]: close,
  };
}

function withoutKey({ pem, sha1, sha256 }: SimulatorCertificate): SimulatorCertificate {
  return { pem, sha1, sha256 };
}
