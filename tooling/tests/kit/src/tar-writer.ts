import { Buffer } from "node:buffer";

/** A member to write. */
export interface TarEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** @defaultValue "0", a file */
  readonly type?: string;
  readonly linkName?: string;
  /** How the name is written. @defaultValue in the header */
  readonly nameIn?: "header" | "pax" | "gnu";
}

/** Writes a tar archive in memory. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap((entry) => parts(entry)), Buffer.alloc(1_024)]);
}

/** A record of extended attributes. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

/** The fields of a header. */
export interface TarHeaderFields {
  readonly name: string;
  readonly sizeBytes: number;
  readonly type?: string;
  readonly linkName?: string;
  /** GNU's own format rather than POSIX's. */
  readonly isGnu?: boolean;
}

/** A header alone. */
export function tarHeader({ name, sizeBytes, type = "0", linkName = "", isGnu = false }: TarHeaderFields): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  else header.writeBigUInt64BE(BigInt(sizeBytes), header.writeUInt8(0x80, 124) + 3);
  header.write(type, 156);
  header.write(linkName, 157, 100);
  header.write(isGnu ? "ustar  \0" : "ustar\u000000", 257);
  return tarHeader.sealed(header);
}

/** Writes the sum of a header into it. */
tarHeader.sealed = (header: Buffer): Buffer => {
  header.write(" ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
};

function parts({ name, content, type = "0", linkName = "", nameIn = "header" }: TarEntry): readonly Buffer[] {
  if (nameIn === "gnu")
    return [...parts({ name: "././@LongLink", content: `${name}\0`, type: "L" }), ...parts({ name: "cut", content })];
  if (nameIn === "pax")
    return [
      ...parts({ name: "PaxHeader", content: paxRecord("path", name), type: "x" }),
      ...parts({ name: "cut", content }),
    ];
  const bytes = Buffer.from(content);
  const header = tarHeader({ name, sizeBytes: bytes.length, type, linkName });
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
