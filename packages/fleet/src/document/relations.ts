import type { FleetDocument } from "./fleet-document.ts";
import type { Complaint, KeyPath } from "./mistakes.ts";
import { contains, placeParts } from "./places.ts";
import { shownText } from "./shapes.ts";
import { serverKey } from "./values.ts";

type Partly<T> = { readonly [K in keyof T]?: T[K] };

/** A document of which wrong parts are absent. */
export type PartialDocument = {
  readonly [K in "vcenters" | "targets" | "mirrors"]?: Readonly<Record<string, Partly<FleetDocument[K][string]>>>;
};

type Report = (complaint: Complaint, path: KeyPath) => void;

/** Reports what is wrong between parts of a document that are right by themselves. */
export function checkRelations(document: PartialDocument, report: Report): void {
  checkServers(document, report);
  checkNames(document, report);
  checkPlaces(document, report);
}

function checkServers({ vcenters = {} }: PartialDocument, report: Report): void {
  const seen = new Map<string, string>();
  for (const [name, { server, context }] of Object.entries(vcenters)) {
    const key = server === undefined ? context && `context ${context}` : serverKey(server);
    if (key === undefined) continue;
    const other = seen.get(key);
    seen.set(key, other ?? name);
    if (other === undefined) continue;
    const message = `${shownText(name)} and ${shownText(other)} are the same vCenter, so that neither limit would hold`;
    report({ problem: "same-server", message }, ["vcenters", name, server === undefined ? "context" : "server"]);
  }
}

function checkNames(document: PartialDocument, report: Report): void {
  for (const [name, { vcenter, target }] of Object.entries(document.mirrors ?? {})) {
    for (const [key, wanted, section, noun] of [
      ["vcenter", vcenter, document.vcenters, "vCenter"],
      ["target", target, document.targets, "target"],
    ] as const) {
      if (wanted === undefined || section === undefined || Object.hasOwn(section, wanted)) continue;
      const message = `There is no ${noun} ${shownText(wanted)} in this document`;
      report({ problem: "undefined", message, named: wanted, known: Object.keys(section) }, ["mirrors", name, key]);
    }
  }
}

function checkPlaces({ mirrors = {}, targets = {} }: PartialDocument, report: Report): void {
  const places: { readonly name: string; readonly parts: readonly string[] }[] = [];
  for (const [name, mirror] of Object.entries(mirrors)) {
    const target = mirror.target !== undefined && Object.hasOwn(targets, mirror.target) ? targets[mirror.target] : {};
    const known = target === undefined ? {} : target;
    if (!isPlace(known)) continue;
    const parts = placeParts(known, mirror);
    const at = ["mirrors", name, mirror.prefix === undefined ? "target" : "prefix"];
    for (const other of places) {
      const message = clash(name, parts, other);
      if (message === undefined) continue;
      report({ problem: "same-place", message }, at);
      break;
    }
    places.push({ name, parts });
  }
}

function isPlace(target: object): target is { readonly path: string } | { readonly s3: string } {
  return ("path" in target && target.path !== undefined) || ("s3" in target && target.s3 !== undefined);
}

function clash(
  name: string,
  parts: readonly string[],
  other: { readonly name: string; readonly parts: readonly string[] },
): string | undefined {
  const [own, others] = [shownText(name), shownText(other.name)];
  const isInside = contains(other.parts, parts);
  const isAround = contains(parts, other.parts);
  if (isInside && isAround) return `The mirrors ${own} and ${others} go to the same place`;
  if (isInside) return `The mirror ${own} goes into the place of ${others}`;
  return isAround ? `The mirror ${own} goes to a place that contains that of ${others}` : undefined;
}
