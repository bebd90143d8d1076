import type { OvfDescriptor, OvfMachine, OvfProduct } from "../../src/ovf/descriptor.ts";

/** A descriptor as VMware's tools write it, for tests to read. */
export function writeDescriptor(descriptor: OvfDescriptor, prefix = "ovf"): string {
  const p = prefix;
  const { files, disks, networks, configurations, machines, products, isVapp, hasEula } = descriptor;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- written by a test -->
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:${p}="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>${files
    .map(
      (file) =>
        `<File${attributes({
          [`${p}:id`]: file.id,
          [`${p}:href`]: file.href,
          [`${p}:size`]: file.sizeBytes,
          [`${p}:chunkSize`]: file.chunkBytes,
          [`${p}:compression`]: file.compression,
        })}/>`,
    )
    .join("")}</References>
  <DiskSection><Info>Disks</Info>${disks
    .map(
      (disk) =>
        `<Disk${attributes({
          [`${p}:diskId`]: disk.id,
          [`${p}:capacity`]: disk.capacityBytes,
          [`${p}:capacityAllocationUnits`]: "byte",
          [`${p}:fileRef`]: disk.fileId,
          [`${p}:format`]: disk.format,
        })}/>`,
    )
    .join("")}</DiskSection>
  <NetworkSection>${networks
    .map(
      ({ name, description }) =>
        `<Network${attributes({ [`${p}:name`]: name })}>${element("Description", description)}</Network>`,
    )
    .join("")}</NetworkSection>
  <DeploymentOptionSection>${configurations
    .map(
      ({ id, label, isDefault }) =>
        `<Configuration${attributes({ [`${p}:id`]: id, [`${p}:default`]: isDefault || undefined })}>${element("Label", label)}</Configuration>`,
    )
    .join("")}</DeploymentOptionSection>
  ${isVapp ? `<VirtualSystemCollection ${p}:id="vapp">` : ""}
    ${products.map((product) => writeProduct(product, p)).join("\n")}
    ${hasEula ? "<EulaSection><Info>EULA</Info><License>Be good</License></EulaSection>" : ""}
    ${machines.map((machine) => writeMachine(machine, p)).join("\n")}
  ${isVapp ? "</VirtualSystemCollection>" : ""}
</Envelope>`;
}

function writeMachine(machine: OvfMachine, p: string): string {
  const { id, name, guestType, guest, hardwareVersions, cpus, memoryBytes } = machine;
  return `<VirtualSystem${attributes({ [`${p}:id`]: id })}>${element("Name", name)}
    <OperatingSystemSection${attributes({ [`${p}:id`]: 36, "vmw:osType": guestType })}>${element("Description", guest)}</OperatingSystemSection>
    <VirtualHardwareSection>
      <System>${element("vssd:VirtualSystemType", hardwareVersions.join(" ") || undefined)}</System>
      <Item>${element("rasd:ResourceType", "3")}${element("rasd:VirtualQuantity", cpus)}</Item>
      <Item>${element("rasd:AllocationUnits", "byte")}${element("rasd:ResourceType", "4")}${element("rasd:VirtualQuantity", memoryBytes)}</Item>
    </VirtualHardwareSection>
  </VirtualSystem>`;
}

function writeProduct({ name, vendor, version, properties }: OvfProduct, p: string): string {
  const written = properties.map(
    (property) =>
      `${element("Category", property.category)}<Property${attributes({
        [`${p}:key`]: property.key,
        [`${p}:type`]: property.type,
        [`${p}:userConfigurable`]: property.isUserConfigurable,
        [`${p}:password`]: property.isPassword,
        [`${p}:value`]: property.hasValue ? "s3cret" : undefined,
      })}>${element("Label", property.label)}${element("Description", property.description)}</Property>`,
  );
  return `<ProductSection>${element("Product", name)}${element("Vendor", vendor)}${element("Version", version)}${written.join("")}</ProductSection>`;
}

function attributes(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("");
}

function element(name: string, text: string | number | undefined): string {
  return text === undefined ? "" : `<${name}>${escaped(String(text))}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/gu, (char) => `&#${char.codePointAt(0)};`);
}
