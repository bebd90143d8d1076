import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { operations } from "../../src/gen/operations.gen.ts";
import { apiCodec } from "../../src/wire/api-codec.ts";
import { restCodec } from "../../src/wire/rest-codec.ts";

const codecs = [apiCodec(["Client-Token"]), restCodec];
const base = "https://vc.example.test";
const identifier = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.isWellFormed()),
  fc.constantFrom("a:b", "a/b", "../../x", "a b", "a?b=c", "a#b", "a%2Fb", "é\u0000", "id:x", "a&action=delete"),
);

describe.each(codecs)("the $style codec", (codec) => {
  const routes = Object.values(operations);

  test.each(routes)("lets no argument of $id change the path or add a parameter", (operation) => {
    const route = operation[codec.style];
    fc.assert(
      fc.property(identifier, (id) => {
        fc.pre(codec.style === "rest" || !/^\.{1,2}$/.test(id));
        const args = operation.arguments.map(() => id);
        const { target } = codec.encode(operation, { args, input: undefined });
        const url = new URL(base + target);
        expect(url.hash).toBe("");
        const template = `/${codec.style}${route.path}`.split("/");
        const segments = url.pathname.split("/");
        expect(segments).toHaveLength(template.length);
        segments.forEach((segment, index) => {
          const expected = (template[index] ?? "").replace(/\{\w+\}/, () => id);
          expect(decodeURIComponent(segment)).toBe(expected);
        });
        const names = [...url.searchParams.keys()].toSorted();
        const queried = route.query.filter((name) => operation.arguments.includes(name));
        const action = route.action === undefined ? [] : [codec.style === "api" ? "action" : "~action"];
        expect(names).toEqual([...action, ...queried].toSorted());
        for (const name of queried) expect(url.searchParams.get(name)).toBe(id);
      }),
      { numRuns: 50 },
    );
  });

  test("both codecs carry file names and messages unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { body } = codec.encode(operations["downloadSession.fail"], {
          args: ["s"],
          input: { client_error_message: text },
        });
        expect((JSON.parse(body ?? "") as { client_error_message: string }).client_error_message).toBe(text);
      }),
    );
  });

  test("both codecs decode what a server of their style encodes", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (ids) => {
        const text = JSON.stringify(codec.style === "api" ? ids : { value: ids });
        expect(
          codec.decode(operations["library.list"], { status: 200, contentType: "application/json", text }),
        ).toEqual(ids);
      }),
    );
  });
});

describe("the modern codec", () => {
  const codec = apiCodec(["Client-Token", "client_token"]);

  test("refuses identifiers that a URL parser would read as a step in the path", () => {
    for (const id of [".", ".."]) {
      expect(() => codec.encode(operations["library.get"], { args: [id], input: undefined })).toThrow(TypeError);
    }
  });

  test("sends the client token in the headers, and the body without a wrapper", () => {
    const request = codec.encode(operations["downloadSession.create"], {
      args: [],
      input: { library_item_id: "i" },
      clientToken: "t",
    });
    expect(request).toMatchObject({
      method: "POST",
      target: "/api/content/library/item/download-session",
      headers: { "Client-Token": "t", client_token: "t" },
      body: '{"library_item_id":"i"}',
    });
  });

  test("sends the name of the file where the modern style expects it", () => {
    const request = codec.encode(operations["downloadSession.file.get"], {
      args: ["a:b"],
      input: { file_name: "disk 0.vmdk" },
    });
    expect(request).toMatchObject({
      method: "GET",
      target: "/api/content/library/item/download-session/a:b/file?file_name=disk%200.vmdk",
    });
    expect(request.body).toBeUndefined();
  });
});

describe("the legacy codec", () => {
  test("wraps the body and puts the client token in it", () => {
    const request = restCodec.encode(operations["downloadSession.create"], {
      args: [],
      input: { library_item_id: "i" },
      clientToken: "t",
    });
    expect(request).toMatchObject({
      method: "POST",
      target: "/rest/com/vmware/content/library/item/download-session",
      body: '{"client_token":"t","create_spec":{"library_item_id":"i"}}',
    });
    expect(request.headers).not.toHaveProperty("Client-Token");
  });

  test("writes id: before identifiers and ~ before the action", () => {
    const request = restCodec.encode(operations["downloadSession.keepAlive"], {
      args: ["a:b"],
      input: { progress: 7 },
    });
    expect(request).toMatchObject({
      target: "/rest/com/vmware/content/library/item/download-session/id:a:b?~action=keep-alive",
      body: '{"progress":7}',
    });
  });

  test("reads a null list as an empty one", () => {
    expect(
      restCodec.decode(operations["downloadSession.list"], {
        status: 200,
        contentType: "application/json",
        text: '{"value":null}',
      }),
    ).toEqual([]);
  });

  test("turns maps that came as arrays into objects, at any depth", () => {
    const params = [{ key: "a", value: { l: { id: "x", params: [{ key: "b", value: { s: "c" } }] } } }];
    const text = JSON.stringify({ value: { error_message: { id: "m", default_message: "", args: [], params } } });
    const model = restCodec.decode(operations["downloadSession.get"], {
      status: 200,
      contentType: "application/json",
      text,
    });
    expect(model).toEqual({
      error_message: {
        id: "m",
        default_message: "",
        args: [],
        params: { a: { l: { id: "x", params: { b: { s: "c" } } } } },
      },
    });
  });
});
