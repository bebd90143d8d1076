import type { FleetStatus } from "@carrel/fleet";

/** What one worker counted itself since it started. */
export interface WorkerCounts {
  mirrored: number;
  failed: number;
  receivedBytes: number;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** Returns metrics as Prometheus reads them: of the whole fleet, and counters of this worker. */
export function metricsText(status: FleetStatus, counts: WorkerCounts, version: string): string {
  const { vcenters, mirrors, workers } = status;
  const gauge = (name: string, help: string, samples: readonly Sample[]): string =>
    metric(name, "gauge", help, samples);
  const states = (of: { readonly atWork: number; readonly waiting: number }, labels: Labels): readonly Sample[] => [
    [{ ...labels, state: "at_work" }, of.atWork],
    [{ ...labels, state: "waiting" }, of.waiting],
  ];
  return [
    gauge("carrel_build_info", "Version of this worker.", [[{ version }, 1]]),
    gauge("carrel_fleet_workers", "Workers that gave a sign of life lately.", [[{}, workers.length]]),
    gauge(
      "carrel_fleet_vcenter_transfers_limit",
      "Files that are transferred from a vCenter at once at most.",
      vcenters.map(({ name, transfers }) => [{ vcenter: name }, transfers]),
    ),
    gauge(
      "carrel_fleet_vcenter_items",
      "Items of a vCenter, by state.",
      vcenters.flatMap((vcenter) => states(vcenter, { vcenter: vcenter.name })),
    ),
    gauge(
      "carrel_fleet_mirror_items",
      "Items of a mirror, by state.",
      mirrors.flatMap((mirror): readonly Sample[] => [
        ...states(mirror, { mirror: mirror.name }),
        [{ mirror: mirror.name, state: "given_up" }, mirror.dead],
      ]),
    ),
    gauge(
      "carrel_fleet_mirror_compared_timestamp_seconds",
      "When the library of a mirror was last compared with it.",
      mirrors.flatMap(({ name, plannedAt }) =>
        plannedAt === undefined ? [] : [[{ mirror: name }, plannedAt / 1000] as const],
      ),
    ),
    gauge(
      "carrel_fleet_mirror_compare_failed",
      "1 where the library of a mirror could not be compared with it the last time.",
      mirrors.map(({ name, error }) => [{ mirror: name }, error === undefined ? 0 : 1]),
    ),
    counter("carrel_worker_items_mirrored_total", "Items that this worker put into place.", counts.mirrored),
    counter("carrel_worker_items_failed_total", "Tries of this worker that failed.", counts.failed),
    counter("carrel_worker_received_bytes_total", "Bytes that this worker received.", counts.receivedBytes),
  ].join("");
}

function counter(name: string, help: string, value: number): string {
  return metric(name, "counter", help, [[{}, value]]);
}

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
