import { Buffer } from "node:buffer";

/** A member to write. */
export interface TarEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** How the name is written. @defaultValue in the header */
  readonly nameIn?: "header" | "pax" | "gnu";
}

/** Writes a tar archive in memory. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap(({ name, content, nameIn = "header" }) => {
    const bytes = Buffer.from(content);
    if (nameIn === "gnu")
      return [...member("././@LongLink", Buffer.from(`${name}\0`), "L"), ...member("cut", bytes, "0")];
    if (nameIn === "pax")
      return [...member("PaxHeader", Buffer.from(paxRecord("path", name)), "x"), ...member("cut", bytes, "0")];
    return member(name, bytes, "0");
  });
  return Buffer.concat([...parts, Buffer.alloc(1_024)]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

function member(name: string, bytes: Buffer, type: string): readonly Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write("ustar\0", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
