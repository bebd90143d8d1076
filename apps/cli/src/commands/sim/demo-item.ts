import type { FileSeed, Simulator } from "@carrel/simulator";

const MiB = 1024 * 1024;
const descriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References>
    <File ovf:id="file1" ovf:href="workbench-disk1.vmdk"/>
    <File ovf:id="file2" ovf:href="workbench-disk2.vmdk"/>
  </References>
</Envelope>
`;

const files: readonly FileSeed[] = [
  { name: "workbench.ovf", text: descriptor },
  { name: "workbench-disk1.vmdk", sizeBytes: 80 * MiB },
  { name: "workbench-disk2.vmdk", sizeBytes: 40 * MiB + 512 },
  { name: "workbench-tools.iso", sizeBytes: 16 * MiB },
];

/** Adds an OVF package with its manifest to a simulator. Returns its names. */
export async function addDemoItem({
  inventory,
}: Simulator): Promise<{ readonly library: string; readonly item: string }> {
  const library = inventory.addLibrary({ name: "Images" });
  const item = library.addItem({ name: "workbench", type: "ovf", files });
  const lines = item.files.map(async (file) => `SHA256(${file.name})= ${await file.sha256()}\n`);
  item.putFile({ name: "workbench.mf", text: (await Promise.all(lines)).join("") });
  return { library: library.name, item: item.name };
}
