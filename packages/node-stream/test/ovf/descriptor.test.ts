import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxDescriptorBytes, readOvfDescriptor } from "../../src/ovf/descriptor.ts";
import type { OvfDescriptor, OvfProperty } from "../../src/ovf/descriptor.ts";
import { writeDescriptor } from "./descriptor-writer.ts";

const read = (text: string): OvfDescriptor => readOvfDescriptor(Buffer.from(text));
const envelope = (inner: string): string => `<Envelope>${inner}</Envelope>`;

const word = fc
  .array(fc.constantFrom("a", "b", "Ä", "日", "😀", "<", ">", "&", '"', "'", "-", ".", "9"), {
    minLength: 1,
    maxLength: 12,
  })
  .map((letters) => letters.join(""));
const text = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
const bytes = fc.integer({ min: 0, max: 2 ** 50 });
const list = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { maxLength: 3 });

const descriptors: fc.Arbitrary<OvfDescriptor> = fc.record({
  files: list(
    fc.record(
      { id: word, href: word, sizeBytes: bytes, chunkBytes: bytes, compression: word },
      { requiredKeys: ["id", "href"] },
    ),
  ),
  disks: list(fc.record({ id: word, capacityBytes: bytes, fileId: word, format: word }, { requiredKeys: ["id"] })),
  networks: list(fc.record({ name: word, description: text }, { requiredKeys: ["name"] })),
  configurations: list(
    fc.record({ id: word, label: text, isDefault: fc.boolean() }, { requiredKeys: ["id", "isDefault"] }),
  ),
  machines: list(
    fc.record(
      {
        id: word,
        name: text,
        guestType: word,
        guest: text,
        hardwareVersions: fc.uniqueArray(fc.constantFrom("vmx-13", "vmx-19", "vmx-21"), { maxLength: 2 }),
        cpus: fc.integer({ min: 0, max: 768 }),
        memoryBytes: bytes,
      },
      { requiredKeys: ["id", "hardwareVersions"] },
    ),
  ),
  products: list(
    fc.record(
      { name: text, vendor: text, version: word, properties: list(properties()) },
      { requiredKeys: ["properties"] },
    ),
  ),
  isVapp: fc.boolean(),
  hasEula: fc.boolean(),
});

function properties(): fc.Arbitrary<OvfProperty> {
  const types = fc.constantFrom("string", "boolean", "int", "ip", "password(8..)");
  return fc
    .record(
      {
        key: word,
        type: types,
        label: text,
        description: text,
        // One holds for all that follow it.
        category: text,
        isUserConfigurable: fc.boolean(),
        isPassword: fc.boolean(),
        hasValue: fc.boolean(),
      },
      { requiredKeys: ["key", "type", "category", "isUserConfigurable", "isPassword", "hasValue"] },
    )
    .map((property) => ({ ...property, isPassword: property.isPassword || property.type.startsWith("password") }));
}

const full: OvfDescriptor = {
  files: [
    { id: "file1", href: "disk-1.vmdk", sizeBytes: 1000 },
    { id: "file2", href: "disk-2.vmdk", chunkBytes: 2_000_000_000, compression: "gzip" },
  ],
  disks: [
    { id: "vmdisk1", capacityBytes: 17_179_869_184, fileId: "file1", format: "http://www.vmware.com/interfaces/x" },
    { id: "vmdisk2" },
  ],
  networks: [{ name: "VM Network", description: "The network" }],
  configurations: [],
  machines: [
    {
      id: "photon",
      name: "Photon 5",
      guestType: "vmwarePhoton64Guest",
      guest: "VMware Photon OS (64-bit)",
      hardwareVersions: ["vmx-19"],
      cpus: 2,
      memoryBytes: 2_147_483_648,
    },
  ],
  products: [
    {
      name: "Photon",
      vendor: "Broadcom",
      version: "5.0",
      properties: [
        {
          key: "hostname",
          type: "string",
          label: "Host",
          isUserConfigurable: true,
          isPassword: false,
          hasValue: false,
        },
        { key: "root", type: "string", isUserConfigurable: true, isPassword: true, hasValue: true },
      ],
    },
  ],
  isVapp: false,
  hasEula: true,
};

describe("readOvfDescriptor", () => {
  test("reads back what was written, whatever the prefix", () => {
    expect(read(writeDescriptor(full))).toEqual(full);
    fc.assert(
      fc.property(descriptors, fc.constantFrom("ovf", "o", "x1"), (descriptor, prefix) => {
        expect(read(writeDescriptor(descriptor, prefix))).toEqual(descriptor);
      }),
    );
  });

  test("never returns the value of a property", () => {
    expect(writeDescriptor(full)).toContain("s3cret");
    expect(JSON.stringify(read(writeDescriptor(full)))).not.toContain("s3cret");
    const value = '<Property key="k" type="string"><Value value="s3cret"/></Property>';
    const read1 = read(envelope(`<VirtualSystem><ProductSection>${value}</ProductSection></VirtualSystem>`));
    expect(read1.products[0]?.properties[0]).toMatchObject({ key: "k", hasValue: true, isPassword: false });
    expect(JSON.stringify(read1)).not.toContain("s3cret");
  });

  test("reads UTF-16, and other encodings that are stated, with every kind of line break", () => {
    const text16 = writeDescriptor(full).replace('encoding="UTF-8"', 'encoding="UTF-16"');
    expect(readOvfDescriptor(Buffer.from(`\uFEFF${text16}`, "utf16le"))).toEqual(full);
    expect(readOvfDescriptor(Buffer.from(`\uFEFF${text16}`, "utf16le").swap16())).toEqual(full);
    expect(read(`\uFEFF${writeDescriptor(full).replaceAll("\n", "\r\n")}`)).toEqual(full);
    expect(read(writeDescriptor(full).replaceAll("\n", "\r"))).toEqual(full);
    const latin =
      '<?xml version="1.0" encoding="ISO-8859-1"?><Envelope><NetworkSection><Network name="Gr\u00FCn"/></NetworkSection></Envelope>';
    expect(readOvfDescriptor(Buffer.from(latin, "latin1")).networks).toEqual([{ name: "Gr\u00FCn" }]);
  });

  test("takes what the default configuration has", () => {
    const item = (type: number, quantity: number, configuration = ""): string =>
      `<Item${configuration && ` configuration="${configuration}"`}><AllocationUnits>byte * 2^20</AllocationUnits><ResourceType>${type}</ResourceType><VirtualQuantity>${quantity}</VirtualQuantity></Item>`;
    const hardware = [
      item(3, 1),
      item(3, 8, "large"),
      item(3, 4, "medium other"),
      item(4, 512),
      item(4, 4096, "medium"),
    ];
    const options =
      '<Configuration id="small"/><Configuration id="medium" default="true"><Label>Medium</Label></Configuration><Configuration id="large"/>';
    const both = read(
      envelope(
        `<DeploymentOptionSection>${options}</DeploymentOptionSection><VirtualSystem id="a"><VirtualHardwareSection>${hardware.join("")}</VirtualHardwareSection></VirtualSystem>`,
      ),
    );
    expect(both.machines).toEqual([{ id: "a", hardwareVersions: [], cpus: 4, memoryBytes: 4_294_967_296 }]);
    expect(both.configurations).toMatchObject([{ id: "small" }, { label: "Medium", isDefault: true }, { id: "large" }]);
  });

  test("reads OVF 0.9, where sections and systems are known by their type", () => {
    const old = read(
      envelope(
        '<Section xsi:type="ovf:DiskSection_Type"><Disk ovf:diskId="d" ovf:capacity="8" ovf:capacityAllocationUnits="GigaBytes"/></Section>' +
          '<Content ovf:id="vm" xsi:type="ovf:VirtualSystem_Type"><Section xsi:type="ovf:VirtualHardwareSection_Type">' +
          "<System><vssd:VirtualSystemType>vmx-4 vmx-7</vssd:VirtualSystemType></System>" +
          "<Item><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>256</rasd:VirtualQuantity></Item>" +
          '</Section><Section xsi:type="ovf:EulaSection_Type"/></Content>',
      ),
    );
    expect(old.disks).toEqual([{ id: "d", capacityBytes: 8_589_934_592 }]);
    expect(old.machines).toEqual([{ id: "vm", hardwareVersions: ["vmx-4", "vmx-7"], memoryBytes: 268_435_456 }]);
    expect(old.hasEula).toBe(true);
  });

  test("names a property as vSphere does: with class and instance", () => {
    const { products } = read(
      envelope('<ProductSection class="net" instance="1"><Property key="ip" type="string"/></ProductSection>'),
    );
    expect(products[0]?.properties[0]?.key).toBe("net.ip.1");
  });

  test.for([
    ["16", "byte * 2^30", 17_179_869_184],
    ["16", "byte*2^30", 17_179_869_184],
    ["16", "bytes * 10^9", 16_000_000_000],
    ["3", "byte * 1024", 3072],
    ["3", undefined, 3],
    ["3", "GB", 3_221_225_472],
    ["3", "furlong", undefined],
    ["3", "byte * 2^99", undefined],
    ["${size}", "byte * 2^30", undefined],
    ["-1", "byte", undefined],
    ["1e3", "byte", undefined],
    ["99999999999999999999", "byte", undefined],
  ] as const)("a capacity of %s in %s is %s", ([capacity, units, expected]) => {
    const stated = units === undefined ? "" : ` capacityAllocationUnits="${units}"`;
    const { disks } = read(envelope(`<DiskSection><Disk diskId="d" capacity="${capacity}"${stated}/></DiskSection>`));
    expect(disks[0]?.capacityBytes).toBe(expected);
  });
});

describe("readOvfDescriptor refuses", () => {
  const mebi = 1024 * 1024;
  const lol = `<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index || ""};`.repeat(10)}">`).join("")}]>`;

  test.for([
    ["nothing", "", /line 1, column 1/u],
    ["what is not XML", "PK\u0003\u0004 zip", /not well-formed XML at line 1/u],
    ["another document", "<html/>", /not an OVF envelope/u],
    ["a document that is cut", "<Envelope><References>", /not well-formed/u],
    ["two attributes of one name", '<Envelope a="1" a="2"/>', /not well-formed/u],
    ["control characters", "<Envelope>\u001B[2J</Envelope>", /not well-formed/u],
    ["control characters by number", '<Envelope a="&#27;"/>', /not well-formed/u],
    ["a billion laughs", `${lol}${envelope("&lol9;")}`, /not well-formed/u],
    ["a billion laughs in an attribute", `${lol}<Envelope a="&lol9;"/>`, /not well-formed/u],
    [
      "a file of this machine",
      '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><Envelope>&f;</Envelope>',
      /not well/u,
    ],
    ["deep nesting", envelope("<a>".repeat(101) + "</a>".repeat(101)), /nested more than 100 deep/u],
    ["very deep nesting", "<Envelope>" + "<a>".repeat(200_000), /nested more than 100 deep/u],
    ["too many bytes", " ".repeat(maxDescriptorBytes + 1), /longer than 2097152 bytes/u],
    ["an encoding that nobody knows", '<?xml version="1.0" encoding="x-none"?><Envelope/>', /encoding/u],
  ] as const)("%s", ([, document, message]) => {
    expect(() => read(document)).toThrow(SyntaxError);
    expect(() => read(document)).toThrow(message);
  });

  test("bytes that are not UTF-8, and half a UTF-16 character", () => {
    expect(() => readOvfDescriptor(Buffer.from("<Envelope a='\xFF'/>", "latin1"))).toThrow(/not text/u);
    expect(() => readOvfDescriptor(Buffer.from([0xff, 0xfe, 0x3c]))).toThrow(/not text/u);
  });

  test("whatever it refuses with a sentence that repeats nothing of it", () => {
    const secret = "hunter2hunter2";
    for (const document of [`<Envelope a="${secret}&${secret};"/>`, `<Envelope>${secret}`, `<${secret}/>`]) {
      expect(() => read(document)).toThrow(SyntaxError);
      expect(() => read(document)).not.toThrow(secret);
    }
  });

  test("nothing that is only large: huge attributes and texts, many elements, line breaks and references", () => {
    const huge = "x".repeat(1.5 * mebi);
    expect(read(envelope(`<NetworkSection><Network name="${huge}"/></NetworkSection>`)).networks[0]?.name).toBe(huge);
    for (const inner of [
      "\r".repeat(mebi / 4),
      "<b/>".repeat(mebi / 32),
      "&lt;".repeat(mebi / 32),
      "<![CDATA[x]]>".repeat(mebi / 100),
      `<b ${Array.from({ length: 5_000 }, (_, index) => `a${index}="v"`).join(" ")}/>`,
    ]) {
      expect(read(envelope(inner)).machines).toEqual([]);
    }
  });

  test("by nothing but a SyntaxError, also what was changed at random", () => {
    const good = Buffer.from(writeDescriptor(full));
    const orError = (document: Uint8Array): void => {
      try {
        readOvfDescriptor(document);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), orError));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.uint8Array({ maxLength: 8 }), (at, change) => {
        orError(Buffer.concat([good.subarray(0, at), change, good.subarray(at + change.length)]));
        orError(good.subarray(0, at));
      }),
    );
  });
});
