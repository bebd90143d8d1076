import type { OvfDisk, OvfMachine, OvfProperty } from "@carrel/node-stream/ovf";
import type { Entry } from "../../names/entry.ts";
import { verifiedWords } from "../../output/verdict.ts";
import { formatBytes } from "../../output/format.ts";
import { listingHead, listingRow } from "../../output/listing.ts";
import type { Column } from "../../output/listing.ts";
import { printable } from "../../output/printable.ts";
import { padEnd } from "../../output/text-width.ts";
import type { DeployProblem } from "./deploy-problems.ts";
import type { DescriptorInfo, FileInfo, ItemInfo, LibraryInfo, StoragePlace, Subscription } from "./item-info.ts";

const labelWidth = 18;
/** Longer texts are in --json. */
const maxText = 300;

/** Describes a library in lines. */
export function describeLibrary(info: LibraryInfo): readonly string[] {
  return [
    ...row("Library", info.library),
    ...row("Id", info.libraryId),
    ...row("Type", info.libraryType),
    ...row("Description", info.description),
    ...timesOf(info),
    ...row("Version", info.version),
    ...row("Items", String(info.itemCount)),
    ...storageRows(info.storage),
    ...subscriptionRows(info.subscription),
    ...row("Published at", info.publishedAt),
  ];
}

/**
 * Describes an item in lines.
 * @param head - Makes a line the head of a part.
 */
export function describeItem(info: ItemInfo, head: (line: string) => string): readonly string[] {
  const { cached, sizeBytes, descriptor, problems } = info;
  return [
    ...row("Item", info.item),
    ...row("Id", info.itemId),
    ...row("Type", info.itemType),
    ...row("Library", `${info.library} (${info.libraryId})`),
    ...row("Description", info.description),
    ...timesOf(info),
    ...row("Content version", info.contentVersion),
    ...row("Metadata version", info.metadataVersion),
    ...row("Version", info.version),
    ...row("Cached", cached === undefined ? undefined : cached ? "yes" : "no"),
    ...row("Size", sizeBytes === undefined ? undefined : `${formatBytes(sizeBytes)} on the server's storage`),
    ...storageRows(info.storage),
    ...subscriptionRows(info.subscription),
    "",
    ...filesTable(info.files, head),
    ...(descriptor ? ["", head(title(descriptor)), ...describeDescriptor(descriptor)] : []),
    ...(problems.length > 0
      ? ["", head("A deployment would fail"), ...problems.map((each) => `  ${sentence(each)}`)]
      : []),
  ];
}

/** Describes one file in lines. */
export function describeFile(entry: Entry): readonly string[] {
  const { cached, sizeBytes, checksum } = entry;
  return [
    ...row("File", entry.file),
    ...row("Item", `${entry.item} (${entry.itemId})`),
    ...row("Library", `${entry.library} (${entry.libraryId})`),
    ...row("Version", entry.version),
    ...row("Cached", cached === undefined ? undefined : cached ? "yes" : "no"),
    ...row("Size", sizeBytes === undefined ? undefined : `${formatBytes(sizeBytes)} on the server's storage`),
    ...row("Checksum", checksum && `${checksum.algorithm}:${checksum.hex}`),
  ];
}

const fileColumns: readonly Column[] = [
  { title: "SIZE", width: 10, align: "right" },
  { title: "VERSION", width: 7, align: "right" },
  { title: "CACHED", width: 6 },
  { title: "NAME", width: 20 },
];

/** With the checksum below each name, for it is longer than most of them. */
function filesTable(files: readonly FileInfo[], head: (line: string) => string): readonly string[] {
  if (files.length === 0) return ["The item has no files."];
  return [
    head(listingHead(fileColumns)),
    ...files.flatMap(({ file, version, cached, sizeBytes, checksum }) => {
      const size = sizeBytes === undefined ? "-" : formatBytes(sizeBytes);
      const cells = [size, String(version), cached ? "yes" : "no", file].map(printable);
      const below = checksum && `${checksum.algorithm}:${checksum.hex}`;
      return [
        listingRow(fileColumns, cells),
        ...(below ? [listingRow(fileColumns, ["", "", "", printable(below)])] : []),
      ];
    }),
  ];
}

function title({ file, verifiedBy }: DescriptorInfo): string {
  return `OVF descriptor ${printable(file)} (${verifiedWords[verifiedBy]})`;
}

function describeDescriptor(descriptor: DescriptorInfo): readonly string[] {
  const { machines, disks, networks, products, configurations, hasEula } = descriptor;
  const chosen = configurations.find(({ isDefault }) => isDefault) ?? configurations[0];
  const properties = products.flatMap((product) => product.properties);
  return [
    ...products.flatMap(({ name, vendor, version }) => {
      const words = [name, version].filter((word) => word !== undefined).join(" ");
      return row("Product", vendor === undefined ? words : `${words} by ${vendor}`.trimStart());
    }),
    ...configurations.flatMap(({ id, label }) =>
      row("Configuration", `${id}${label === undefined ? "" : `: ${label}`}${id === chosen?.id ? " (default)" : ""}`),
    ),
    ...machines.flatMap((machine) => describeMachine(machine, machines.length > 1)),
    ...disks.flatMap((disk) => row("Disk", describeDisk(disk, descriptor))),
    ...networks.flatMap(({ name }) => row("Network", name)),
    ...properties.flatMap((property) => row("Property", describeProperty(property))),
    ...row("EULA", hasEula ? "must be accepted" : "none"),
  ];
}

function describeMachine(machine: OvfMachine, isOneOfSeveral: boolean): readonly string[] {
  const { id, name, guest, guestType, hardwareVersions, cpus, memoryBytes } = machine;
  return [
    ...(isOneOfSeveral ? row("Machine", name ?? id) : []),
    ...row("Guest OS", guest && guestType ? `${guest} (${guestType})` : (guest ?? guestType)),
    ...row("Hardware version", hardwareVersions.join(" or ") || undefined),
    ...row("CPUs", cpus === undefined ? undefined : String(cpus)),
    ...row("Memory", memoryBytes === undefined ? undefined : formatBytes(memoryBytes)),
  ];
}

function describeDisk({ id, capacityBytes, fileId }: OvfDisk, { files }: DescriptorInfo): string {
  const file = files.find((each) => each.id === fileId)?.href ?? fileId;
  return `${id}: ${formatBytes(capacityBytes)}, ${file === undefined ? "empty" : `content in ${file}`}`;
}

function describeProperty({ key, type, label, isUserConfigurable, isPassword, hasValue }: OvfProperty): string {
  const words = [
    isPassword ? "password" : type,
    isUserConfigurable ? (hasValue ? "has a default" : "no default") : "fixed",
  ];
  return `${key} (${words.join(", ")})${label === undefined ? "" : `: ${label}`}`;
}

function sentence({ problem, file = "", disk, reason = "" }: DeployProblem): string {
  const of = disk === undefined ? "" : ` as the content of disk ${printable(disk)}`;
  switch (problem) {
    case "missing-file":
      return `Missing file "${printable(file)}": the descriptor refers to it${of}`;
    case "unknown-file":
      return `Disk ${printable(disk ?? "")} refers to file "${printable(file)}", which the descriptor does not list`;
    case "unreadable-descriptor":
      return `"${printable(file)}": ${printable(reason)}`;
    case "no-descriptor":
      return "The item is of type ovf and has no descriptor";
    default:
      return problem satisfies never;
  }
}

function timesOf(info: Pick<ItemInfo, "createdAt" | "modifiedAt" | "synchronizedAt">): readonly string[] {
  return [
    ...row("Created", formatTime(info.createdAt)),
    ...row("Modified", formatTime(info.modifiedAt)),
    ...row("Synchronized", formatTime(info.synchronizedAt)),
  ];
}

function storageRows(places: readonly StoragePlace[]): readonly string[] {
  return places.flatMap(({ datastoreId, uri }) => row("Storage", uri ?? (datastoreId && `datastore ${datastoreId}`)));
}

function subscriptionRows(subscription: Subscription | undefined): readonly string[] {
  if (subscription === undefined) return [];
  const { publisher, onDemand, automatic } = subscription;
  const content = onDemand === true ? "content on demand" : "all content";
  const when = automatic === true ? "by schedule" : "when asked to";
  return [...row("Publisher", publisher), ...row("Subscription", `${content}, synchronized ${when}`)];
}

/** `2026-11-28 17:54:00 UTC`; a text that is not a time is shown as it is. */
function formatTime(text: string | undefined): string | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? text : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A label and a text on one line; nothing where there is no text. */
function row(label: string, value: string | number | undefined): readonly string[] {
  const line = value?.toString().replaceAll(/\s+/gu, " ").trim() ?? "";
  if (line === "") return [];
  const shown = line.length > maxText ? `${line.slice(0, maxText)}...` : line;
  return [`${padEnd(label, labelWidth)}${printable(shown)}`];
}
