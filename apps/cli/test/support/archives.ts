import { sha256, writeTar } from "@carrel/test-kit";
import type { TarEntry } from "@carrel/test-kit";
import type { LibrarySeed } from "@carrel/simulator";

export const ovf: TarEntry = { name: "photon.ovf", content: `<Envelope>\n${" ".repeat(5_000)}</Envelope>\n` };
export const disk: TarEntry = { name: "photon-disk1.vmdk", content: Buffer.alloc(2_000_000, "disk\0") };
export const eula: TarEntry = { name: "texts/eula.txt", content: "Be good.\u001B[2J\n" };
/** Names the descriptor and the disk, and not the text. */
export const manifest: TarEntry = {
  name: "photon.mf",
  content: [ovf, disk].map(({ name, content }) => `SHA256(${name})= ${sha256(Buffer.from(content))}\n`).join(""),
};
export const photon: readonly TarEntry[] = [ovf, manifest, eula, disk];

/** A library "T" with an item "photon" that has an archive of these files, and whatever else is given. */
export function archived(
  entries: readonly TarEntry[],
  files: readonly { readonly name: string; readonly text: string }[] = [],
): readonly LibrarySeed[] {
  return [
    {
      name: "T",
      items: [{ name: "photon", type: "ovf", files: [{ name: "photon.ova", bytes: writeTar(entries) }, ...files] }],
    },
  ];
}
