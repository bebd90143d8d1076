import { defined } from "@carrel/core/kit";
import { attributeOf, childrenOf, localName, oneLine, parseRoot, textOf } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

/** Larger descriptors are not read: 2 MiB. Those that carry licences in several languages have some hundred KiB. */
export const maxDescriptorBytes: number = 2 * 1024 * 1024;

/** What an OVF descriptor says, by {@link readOvfDescriptor}. Members that it does not state are absent. */
export interface OvfDescriptor {
  /** Files of the package, besides the descriptor itself and its manifest. */
  readonly files: readonly OvfFile[];
  readonly disks: readonly OvfDisk[];
  readonly networks: readonly OvfNetwork[];
  /** Sizes that a deployment chooses from; none where there is no choice. */
  readonly configurations: readonly OvfConfiguration[];
  /** The virtual machines; several in a vApp. */
  readonly machines: readonly OvfMachine[];
  /** Whether the machines, or the only one, are in a collection: a deployment creates a vApp. */
  readonly isVapp: boolean;
  /** Products, with the properties that a deployment asks for. */
  readonly products: readonly OvfProduct[];
  /** Whether a licence has to be accepted. */
  readonly hasEula: boolean;
}

/** A file that a descriptor refers to. */
export interface OvfFile {
  readonly id: string;
  /** Relative to the descriptor, or a URL, as it is written. */
  readonly href: string;
  readonly sizeBytes?: number;
  /** The file is in pieces of this length, called `HREF.000000000` and so on. */
  readonly chunkBytes?: number;
  /** Such as `gzip`. */
  readonly compression?: string;
}

/** A virtual disk. */
export interface OvfDisk {
  readonly id: string;
  /** Absent where a property decides. */
  readonly capacityBytes?: number;
  /** The `id` of the file that holds its content; an empty disk has none. */
  readonly fileId?: string;
  /** The URI of its format. */
  readonly format?: string;
}

/** A network that machines are connected to. */
export interface OvfNetwork {
  readonly name: string;
  readonly description?: string;
}

/** A size that can be chosen. */
export interface OvfConfiguration {
  readonly id: string;
  readonly label?: string;
  readonly isDefault: boolean;
}

/** A virtual machine, in the default configuration. */
export interface OvfMachine {
  readonly id: string;
  readonly name?: string;
  /** vSphere's identifier of the guest operating system, such as `ubuntu64Guest`. */
  readonly guestType?: string;
  /** The guest operating system in words. */
  readonly guest?: string;
  /** Such as `vmx-19`; several where any of them will do. */
  readonly hardwareVersions: readonly string[];
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

/** A product, or a part of one. */
export interface OvfProduct {
  readonly name?: string;
  readonly vendor?: string;
  readonly version?: string;
  readonly properties: readonly OvfProperty[];
}

/** A property that a deployment may set. Its value is left out: it may be a password, whatever the descriptor calls it. */
export interface OvfProperty {
  /** With the class and the instance of its product, as vSphere names it: `net.hostname.1`. */
  readonly key: string;
  /** Such as `string`, `boolean` or `ip`. */
  readonly type: string;
  readonly label?: string;
  readonly description?: string;
  readonly category?: string;
  readonly isUserConfigurable: boolean;
  readonly isPassword: boolean;
  /** Whether the descriptor gives it a value. */
  readonly hasValue: boolean;
}

/**
 * Reads an OVF descriptor, of any version: what a deployment of its package would ask for and need. What the descriptor does
 * not state, or states in a way that makes no sense, is absent. No entities are expanded, and nothing is fetched. Takes time
 * in proportion to the length.
 *
 * Cost on the wire: none. `openItemFile` brings the bytes; `carrel info` shows how few requests that takes.
 *
 * @param bytes - UTF-8, UTF-16 with a mark, or what the XML declaration says.
 * @throws SyntaxError: longer than {@link maxDescriptorBytes}, not well-formed XML, nested more than 100 deep, or not an OVF
 * envelope. Nothing of the descriptor is in the message.
 *
 * @example
 * ```ts
 * import { buffer } from "node:stream/consumers";
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemFile } from "@carrel/node-stream";
 * import { readOvfDescriptor } from "@carrel/node-stream/ovf";
 *
 * async function hardwareVersions(client: CarrelClient, itemId: string, fileName: string): Promise<readonly string[]> {
 *   const descriptor = readOvfDescriptor(await buffer(await openItemFile(client, itemId, fileName)));
 *   return descriptor.machines.flatMap((machine) => machine.hardwareVersions);
 * }
 * ```
 */
export function readOvfDescriptor(bytes: Uint8Array): OvfDescriptor {
  if (bytes.length > maxDescriptorBytes) {
    throw new SyntaxError(`Cannot read the OVF descriptor: longer than ${maxDescriptorBytes} bytes`);
  }
  const root = parseRoot(bytes);
  if (localName(root.name) !== "Envelope") {
    throw new SyntaxError("Cannot read the OVF descriptor: its root is not an OVF envelope");
  }
  const configurations = sectionsOf(root, "DeploymentOptionSection").flatMap(readConfigurations);
  const chosen = (configurations.find(({ isDefault }) => isDefault) ?? configurations[0])?.id;
  const systems = systemsIn(root);
  const collections = collectionsIn(root);
  const places = [root, ...collections, ...systems];
  return {
    files: childrenOf(root, "References").flatMap((references) => childrenOf(references, "File").flatMap(readFile)),
    disks: sectionsOf(root, "DiskSection").flatMap((section) => childrenOf(section, "Disk").flatMap(readDisk)),
    networks: sectionsOf(root, "NetworkSection").flatMap((section) =>
      childrenOf(section, "Network").flatMap(readNetwork),
    ),
    configurations,
    machines: systems.map((system) => readMachine(system, chosen)),
    isVapp: collections.length > 0,
    products: places.flatMap((place) => sectionsOf(place, "ProductSection").map(readProduct)),
    hasEula: places.some((place) => sectionsOf(place, "EulaSection").length > 0),
  };
}

/** Sections of a kind. OVF 0.9 has one element for all kinds, and says which by `xsi:type`. */
function sectionsOf(element: XmlElement, kind: string): readonly XmlElement[] {
  const old = childrenOf(element, "Section").filter((section) => {
    const type = attributeOf(section, "type");
    return type !== undefined && localName(type) === `${kind}_Type`;
  });
  return [...childrenOf(element, kind), ...old];
}

/** Collections of machines, with those inside them. No deeper than elements may be nested. */
function collectionsIn(element: XmlElement): readonly XmlElement[] {
  const collections = [
    ...childrenOf(element, "VirtualSystemCollection"),
    ...contentOf(element, "VirtualSystemCollection_Type"),
  ];
  return collections.flatMap((collection) => [collection, ...collectionsIn(collection)]);
}

function systemsIn(root: XmlElement): readonly XmlElement[] {
  return [root, ...collectionsIn(root)].flatMap((place) => [
    ...childrenOf(place, "VirtualSystem"),
    ...contentOf(place, "VirtualSystem_Type"),
  ]);
}

/** What OVF 0.9 writes in place of systems and collections. */
function contentOf(element: XmlElement, kind: string): readonly XmlElement[] {
  return childrenOf(element, "Content").filter((content) => {
    const type = attributeOf(content, "type");
    return type !== undefined && localName(type) === kind;
  });
}

function readConfigurations(section: XmlElement): readonly OvfConfiguration[] {
  return childrenOf(section, "Configuration").flatMap((element) => {
    const id = attributeOf(element, "id");
    if (id === undefined) return [];
    return [defined({ id, label: textOf(element, "Label"), isDefault: isTrue(attributeOf(element, "default")) })];
  });
}

function readFile(element: XmlElement): readonly OvfFile[] {
  const [id, href] = [attributeOf(element, "id"), attributeOf(element, "href")];
  if (id === undefined || href === undefined) return [];
  return [
    defined({
      id,
      href,
      sizeBytes: bytesOf(attributeOf(element, "size")),
      chunkBytes: bytesOf(attributeOf(element, "chunkSize")),
      compression: attributeOf(element, "compression"),
    }),
  ];
}

function readDisk(element: XmlElement): readonly OvfDisk[] {
  const id = attributeOf(element, "diskId");
  if (id === undefined) return [];
  const units = attributeOf(element, "capacityAllocationUnits");
  return [
    defined({
      id,
      capacityBytes: bytesOf(attributeOf(element, "capacity"), units),
      fileId: attributeOf(element, "fileRef"),
      format: attributeOf(element, "format"),
    }),
  ];
}

function readNetwork(element: XmlElement): readonly OvfNetwork[] {
  const name = attributeOf(element, "name");
  return name === undefined ? [] : [defined({ name, description: textOf(element, "Description") })];
}

function readMachine(system: XmlElement, configuration: string | undefined): OvfMachine {
  const [guest] = sectionsOf(system, "OperatingSystemSection");
  const hardware = sectionsOf(system, "VirtualHardwareSection").filter((section) => isMeant(section, configuration));
  const items = hardware.flatMap((section) =>
    childrenOf(section, "Item").filter((item) => isMeant(item, configuration)),
  );
  const [cpu, memory] = [resourceOf(items, "3"), resourceOf(items, "4")];
  const versions = hardware.flatMap((section) =>
    childrenOf(section, "System").flatMap((element) => textOf(element, "VirtualSystemType")?.split(/[\s,]+/u) ?? []),
  );
  return defined({
    id: attributeOf(system, "id") ?? "",
    name: textOf(system, "Name"),
    guestType: guest && attributeOf(guest, "osType"),
    guest: guest && textOf(guest, "Description"),
    hardwareVersions: [...new Set(versions)],
    cpus: bytesOf(cpu && textOf(cpu, "VirtualQuantity")),
    memoryBytes: memory && bytesOf(textOf(memory, "VirtualQuantity"), textOf(memory, "AllocationUnits")),
  });
}

/** Whether an element is for all configurations, or for the one that is chosen. */
function isMeant(element: XmlElement, configuration: string | undefined): boolean {
  const only = attributeOf(element, "configuration")?.split(/\s+/u);
  return only === undefined || (configuration !== undefined && only.includes(configuration));
}

/** The item of a type of resource. What is for the chosen configuration alone comes before what is for all. */
function resourceOf(items: readonly XmlElement[], type: string): XmlElement | undefined {
  // A bound says between what the quantity may be.
  const found = items.filter(
    (item) => textOf(item, "ResourceType") === type && attributeOf(item, "bound") === undefined,
  );
  return found.find((item) => attributeOf(item, "configuration") !== undefined) ?? found[0];
}

function readProduct(section: XmlElement): OvfProduct {
  const [prefix, suffix] = [attributeOf(section, "class"), attributeOf(section, "instance")];
  const properties: OvfProperty[] = [];
  let category: string | undefined;
  for (const element of childrenOf(section, "Category", "Property")) {
    const key = attributeOf(element, "key");
    if (localName(element.name) === "Category") category = oneLine(element.text);
    else if (key !== undefined) {
      const type = attributeOf(element, "type") ?? "string";
      properties.push(
        defined({
          key: [prefix, key, suffix].filter((part) => part !== undefined).join("."),
          type,
          label: textOf(element, "Label"),
          description: textOf(element, "Description"),
          category,
          isUserConfigurable: isTrue(attributeOf(element, "userConfigurable")),
          isPassword: isTrue(attributeOf(element, "password")) || /^password\b/iu.test(type),
          hasValue: [element, ...childrenOf(element, "Value")].some(
            (place) => attributeOf(place, "value") !== undefined,
          ),
        }),
      );
    }
  }
  return defined({
    name: textOf(section, "Product"),
    vendor: textOf(section, "Vendor"),
    version: textOf(section, "FullVersion") ?? textOf(section, "Version"),
    properties,
  });
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === "true" || text === "1";
}

const powers: Readonly<Record<string, number>> = { k: 10, m: 20, g: 30, t: 40 };

/** A quantity in its units: `byte * 2^30`, or `GigaBytes` and `GB` as older descriptors have it. Bytes without any. */
function bytesOf(quantity: string | undefined, units = "byte"): number | undefined {
  if (quantity === undefined || !/^\d{1,16}$/u.test(quantity)) return undefined;
  const [, base, exponent] = /^bytes?\s*(?:\*\s*(\d{1,4})\s*(?:\^\s*(\d{1,2}))?)?$/iu.exec(units) ?? [];
  const [old, letter = ""] = /^([kmgt])(?:ilo|ega|iga|era)?(?:bytes?|b)$/iu.exec(units) ?? [];
  const isPlain = /^bytes?$/iu.test(units);
  if (!isPlain && base === undefined && old === undefined) return undefined;
  const factor =
    old === undefined ? Number(base ?? 1) ** Number(exponent ?? 1) : 2 ** (powers[letter.toLowerCase()] ?? 0);
  const bytes = Number(quantity) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
