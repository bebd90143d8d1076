import { describe, expectTypeOf, test } from "vitest";
import type {
  ApiSessionInfo,
  CallOptions,
  CarrelClient,
  CreateOptions,
  DownloadFileInfo,
  DownloadSessionModel,
  ItemFileInfo,
  ItemFindSpec,
  ItemModel,
  ItemStorageInfo,
  LibraryFindSpec,
  LibraryModel,
} from "../src/index.ts";

// The generated face as users meet it. The compiler checks it: after a wrong generator this file does not build.

describe("download sessions", () => {
  type Service = CarrelClient["downloadSession"];

  test("create requires only the item and accepts a client token", () => {
    type Spec = Required<Pick<DownloadSessionModel, "library_item_id">>;
    expectTypeOf<Spec>().toEqualTypeOf<{ readonly library_item_id: string }>();
    expectTypeOf<Service["create"]>().toEqualTypeOf<(spec: Spec, options?: CreateOptions) => Promise<string>>();
  });

  test("list can be limited to an item", () => {
    type Query = { readonly library_item_id?: string };
    expectTypeOf<Service["list"]>().toEqualTypeOf<
      (query?: Query, options?: CallOptions) => Promise<readonly string[]>
    >();
  });

  test("get returns the model, whose members are readonly and may all be absent", () => {
    expectTypeOf<Service["get"]>().toEqualTypeOf<
      (downloadSessionId: string, options?: CallOptions) => Promise<DownloadSessionModel>
    >();
    expectTypeOf<DownloadSessionModel["state"]>().toEqualTypeOf<"ACTIVE" | "CANCELED" | "ERROR" | undefined>();
    expectTypeOf<DownloadSessionModel>().toEqualTypeOf<Readonly<Partial<DownloadSessionModel>>>();
  });

  test("keep-alive may report progress", () => {
    type Spec = { readonly progress?: number };
    expectTypeOf<Service["keepAlive"]>().toEqualTypeOf<
      (downloadSessionId: string, spec?: Spec, options?: CallOptions) => Promise<void>
    >();
  });

  test("cancel and delete take only the identifier, fail requires a message", () => {
    type End = (downloadSessionId: string, options?: CallOptions) => Promise<void>;
    type Spec = { readonly client_error_message: string };
    expectTypeOf<Service["cancel"]>().toEqualTypeOf<End>();
    expectTypeOf<Service["delete"]>().toEqualTypeOf<End>();
    expectTypeOf<Service["fail"]>().toEqualTypeOf<
      (downloadSessionId: string, spec: Spec, options?: CallOptions) => Promise<void>
    >();
  });
});

describe("download session files", () => {
  type Service = CarrelClient["downloadSession"]["file"];

  test("list and get return files", () => {
    type Spec = { readonly file_name: string };
    expectTypeOf<Service["list"]>().toEqualTypeOf<
      (downloadSessionId: string, options?: CallOptions) => Promise<readonly DownloadFileInfo[]>
    >();
    expectTypeOf<Service["get"]>().toEqualTypeOf<
      (downloadSessionId: string, spec: Spec, options?: CallOptions) => Promise<DownloadFileInfo>
    >();
  });

  test("prepare takes the file and, optionally, the type of the endpoint", () => {
    type Spec = { readonly file_name: string; readonly endpoint_type?: "HTTPS" | "DIRECT" };
    expectTypeOf<Service["prepare"]>().toEqualTypeOf<
      (downloadSessionId: string, spec: Spec, options?: CallOptions) => Promise<DownloadFileInfo>
    >();
  });

  test("a file has as required members what the vendor promises, and no more", () => {
    type Status = "UNPREPARED" | "PREPARE_REQUESTED" | "PREPARING" | "PREPARED" | "ERROR";
    expectTypeOf<DownloadFileInfo["bytes_transferred"]>().toEqualTypeOf<number>();
    expectTypeOf<DownloadFileInfo["status"]>().toEqualTypeOf<Status>();
    expectTypeOf<DownloadFileInfo["size"]>().toEqualTypeOf<number | undefined>();
  });
});

describe("libraries", () => {
  type Get = (libraryId: string, options?: CallOptions) => Promise<LibraryModel>;
  type List = (options?: CallOptions) => Promise<readonly string[]>;
  type Sync = (libraryId: string, options?: CallOptions) => Promise<void>;

  test("of any type can be listed and read", () => {
    expectTypeOf<CarrelClient["library"]["list"]>().toEqualTypeOf<List>();
    expectTypeOf<CarrelClient["library"]["get"]>().toEqualTypeOf<Get>();
    expectTypeOf<CarrelClient["localLibrary"]>().toEqualTypeOf<{ list: List; get: Get }>();
    expectTypeOf<CarrelClient["subscribedLibrary"]>().toEqualTypeOf<{ list: List; get: Get; sync: Sync }>();
  });

  test("can be found by name, type or storage", () => {
    expectTypeOf<CarrelClient["library"]["find"]>().toEqualTypeOf<
      (spec: LibraryFindSpec, options?: CallOptions) => Promise<readonly string[]>
    >();
    expectTypeOf<keyof LibraryFindSpec>().toEqualTypeOf<"name" | "type" | "storage_backing">();
  });
});

describe("items", () => {
  type Service = CarrelClient["item"];

  test("are listed by library", () => {
    type Query = { readonly library_id: string };
    expectTypeOf<Service["list"]>().toEqualTypeOf<
      (query: Query, options?: CallOptions) => Promise<readonly string[]>
    >();
    expectTypeOf<Service["get"]>().toEqualTypeOf<
      (libraryItemId: string, options?: CallOptions) => Promise<ItemModel>
    >();
    expectTypeOf<Service["find"]>().toEqualTypeOf<
      (spec: ItemFindSpec, options?: CallOptions) => Promise<readonly string[]>
    >();
  });

  test("have files, whose parameter is called name", () => {
    type Spec = { readonly name: string };
    expectTypeOf<Service["file"]["list"]>().toEqualTypeOf<
      (libraryItemId: string, options?: CallOptions) => Promise<readonly ItemFileInfo[]>
    >();
    expectTypeOf<Service["file"]["get"]>().toEqualTypeOf<
      (libraryItemId: string, spec: Spec, options?: CallOptions) => Promise<ItemFileInfo>
    >();
    expectTypeOf<ItemFileInfo["file_download_endpoint"]>().toEqualTypeOf<string | undefined>();
  });

  test("have storage, whose parameter is called file_name, and each result is an array", () => {
    type Spec = { readonly file_name: string };
    expectTypeOf<Service["storage"]["get"]>().toEqualTypeOf<
      (libraryItemId: string, spec: Spec, options?: CallOptions) => Promise<readonly ItemStorageInfo[]>
    >();
  });

  test("of subscribed libraries can be synchronised", () => {
    type Spec = { readonly force_sync_content: boolean; readonly sync_optional_files?: boolean };
    expectTypeOf<CarrelClient["subscribedItem"]["sync"]>().toEqualTypeOf<
      (libraryItemId: string, spec: Spec, options?: CallOptions) => Promise<void>
    >();
  });
});

test("the API session can be read and ended; only the client itself logs in", () => {
  type Service = CarrelClient["session"];
  expectTypeOf<Service["get"]>().toEqualTypeOf<(options?: CallOptions) => Promise<ApiSessionInfo>>();
  expectTypeOf<Service["delete"]>().toEqualTypeOf<(options?: CallOptions) => Promise<void>>();
  expectTypeOf<keyof Service>().toEqualTypeOf<"get" | "delete">();
});
