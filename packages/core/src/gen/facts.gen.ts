// Generated from the specification in spec/ by "pnpm gen". Do not edit: edit the specification.
import type { ModelSchema, OperationFacts } from "../wire/operation-facts.ts";
import type { OperationId } from "./operations.gen.ts";

/** Declared errors and inputs of every operation. */
export const operationFacts: Readonly<Record<OperationId, OperationFacts>> = {
  "session.create": {
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "session.get": {
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "session.delete": {
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "library.list": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "library.get": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "library.find": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "LibraryFindSpec", required: true },
    },
    rest: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "LibraryFindSpec", required: true },
    },
  },
  "localLibrary.list": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "localLibrary.get": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "subscribedLibrary.list": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "subscribedLibrary.get": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "item.list": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["library_id"],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["library_id"],
    },
  },
  "item.get": {
    privilege: "System.Read",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "item.find": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "ItemFindSpec", required: true },
    },
    rest: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "ItemFindSpec", required: true },
    },
  },
  "item.file.list": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["UNSUPPORTED"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "400": ["UNSUPPORTED"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["library_item_id"],
    },
  },
  "item.file.get": {
    privilege: "System.Read",
    api: {
      errors: {
        "400": ["UNSUPPORTED"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["name"],
    },
    rest: {
      errors: {
        "400": ["UNSUPPORTED"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "ItemFileRequest", required: true },
    },
  },
  "item.storage.list": {
    privilege: "ContentLibrary.ReadStorage",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["library_item_id"],
    },
  },
  "item.storage.get": {
    privilege: "ContentLibrary.ReadStorage",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["file_name"],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "ItemStorageRequest", required: true },
    },
  },
  "subscribedItem.sync": {
    privilege: "ContentLibrary.SyncLibraryItem",
    api: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE", "NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "SubscribedItemSyncSpec", required: true },
    },
    rest: {
      errors: {
        "400": ["INVALID_ELEMENT_TYPE", "NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "SubscribedItemSyncSpec", required: true },
    },
  },
  "downloadSession.create": {
    privilege: "ContentLibrary.DownloadSession",
    api: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionModel", required: true, members: ["library_item_id"] },
    },
    rest: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionModel", required: true, members: ["library_item_id"] },
    },
  },
  "downloadSession.list": {
    privilege: "ContentLibrary.DownloadSession",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "downloadSession.get": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "downloadSession.delete": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "downloadSession.keepAlive": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionKeepAliveSpec", required: false },
    },
    rest: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionKeepAliveSpec", required: false },
    },
  },
  "downloadSession.cancel": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
  },
  "downloadSession.fail": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionFailSpec", required: true },
    },
    rest: {
      errors: {
        "400": ["NOT_ALLOWED_IN_CURRENT_STATE"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadSessionFailSpec", required: true },
    },
  },
  "downloadSession.file.list": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
    },
    rest: {
      errors: {
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["download_session_id"],
    },
  },
  "downloadSession.file.get": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: ["file_name"],
    },
    rest: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadFileRequest", required: true },
    },
  },
  "downloadSession.file.prepare": {
    privilege: "System.Anonymous",
    api: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadFilePrepareSpec", required: true },
    },
    rest: {
      errors: {
        "400": ["INVALID_ARGUMENT"],
        "401": ["UNAUTHENTICATED"],
        "403": ["UNAUTHORIZED"],
        "404": ["NOT_FOUND"],
        "500": ["INTERNAL_SERVER_ERROR"],
        "503": ["SERVICE_UNAVAILABLE"],
      },
      requiredQuery: [],
      input: { model: "DownloadFilePrepareSpec", required: true },
    },
  },
};

/** The models as schemas, without their texts. */
export const modelSchemas: Readonly<Record<string, ModelSchema>> = {
  ApiSessionInfo: {
    type: "object",
    required: ["user", "created_time", "last_accessed_time"],
    properties: {
      user: { type: "string" },
      created_time: { type: "string", format: "date-time" },
      last_accessed_time: { type: "string", format: "date-time" },
    },
  },
  LibraryType: { type: "string", enum: ["LOCAL", "SUBSCRIBED"] },
  LibraryModel: {
    type: "object",
    properties: {
      id: { type: "string" },
      creation_time: { type: "string", format: "date-time" },
      description: { type: "string" },
      last_modified_time: { type: "string", format: "date-time" },
      last_sync_time: { type: "string", format: "date-time" },
      name: { type: "string" },
      storage_backings: { type: "array", items: { model: "StorageBacking" } },
      type: { model: "LibraryType" },
      optimization_info: { model: "OptimizationInfo" },
      version: { type: "string" },
      publish_info: { model: "PublishInfo" },
      subscription_info: { model: "SubscriptionInfo" },
      server_guid: { type: "string" },
      security_policy_id: { type: "string" },
      unset_security_policy_id: { type: "boolean" },
      state_info: { model: "LibraryStateInfo" },
      configuration_info: { model: "LibraryConfigurationInfo" },
    },
  },
  LibraryStateInfo: {
    type: "object",
    required: ["state"],
    properties: {
      state: { type: "string", enum: ["ACTIVE", "MAINTENANCE"] },
      message: { model: "LocalizableMessage" },
    },
  },
  LibraryConfigurationInfo: { type: "object", properties: { apply_library_usage_to_items: { type: "boolean" } } },
  StorageBacking: {
    type: "object",
    properties: {
      type: { type: "string", enum: ["DATASTORE", "OTHER"] },
      datastore_id: { type: "string" },
      storage_uri: { type: "string", format: "uri" },
    },
  },
  OptimizationInfo: { type: "object", properties: { optimize_remote_publishing: { type: "boolean" } } },
  PublishInfo: {
    type: "object",
    properties: {
      authentication_method: { type: "string", enum: ["BASIC", "NONE"] },
      published: { type: "boolean" },
      publish_url: { type: "string", format: "uri" },
      user_name: { type: "string" },
      password: { type: "string", format: "password" },
      current_password: { type: "string", format: "password" },
      persist_json_enabled: { type: "boolean" },
    },
  },
  SubscriptionInfo: {
    type: "object",
    properties: {
      authentication_method: { type: "string", enum: ["BASIC", "NONE"] },
      automatic_sync_enabled: { type: "boolean" },
      on_demand: { type: "boolean" },
      subscription_url: { type: "string", format: "uri" },
      user_name: { type: "string" },
      password: { type: "string", format: "password" },
      ssl_thumbprint: { type: "string" },
      source_info: { model: "SourceInfo" },
    },
  },
  SourceInfo: { type: "object", properties: { source_library: { type: "string" }, subscription: { type: "string" } } },
  LibraryFindSpec: { type: "object", properties: { name: { type: "string" }, type: { model: "LibraryType" } } },
  ItemModel: {
    type: "object",
    properties: {
      id: { type: "string" },
      library_id: { type: "string" },
      content_version: { type: "string" },
      creation_time: { type: "string", format: "date-time" },
      description: { type: "string" },
      last_modified_time: { type: "string", format: "date-time" },
      last_sync_time: { type: "string", format: "date-time" },
      metadata_version: { type: "string" },
      name: { type: "string" },
      cached: { type: "boolean" },
      size: { type: "integer", format: "int64", minimum: 0 },
      type: { type: "string" },
      version: { type: "string" },
      source_id: { type: "string" },
      security_compliance: { type: "boolean" },
      certificate_verification_info: { model: "CertificateVerificationInfo" },
    },
  },
  CertificateVerificationInfo: {
    type: "object",
    required: ["status"],
    properties: {
      status: {
        type: "string",
        enum: [
          "NOT_AVAILABLE",
          "VERIFIED",
          "INTERNAL",
          "VERIFICATION_FAILURE",
          "VERIFICATION_IN_PROGRESS",
          "UNTRUSTED",
        ],
      },
      cert_chain: { type: "array", items: { type: "string" } },
    },
  },
  ItemFindSpec: {
    type: "object",
    properties: {
      name: { type: "string" },
      library_id: { type: "string" },
      source_id: { type: "string" },
      type: { type: "string" },
      cached: { type: "boolean" },
    },
  },
  ChecksumAlgorithm: { type: "string", enum: ["SHA1", "MD5", "SHA256", "SHA512"] },
  ChecksumInfo: {
    type: "object",
    required: ["checksum"],
    properties: { algorithm: { model: "ChecksumAlgorithm" }, checksum: { type: "string" } },
  },
  ItemFileInfo: {
    type: "object",
    required: ["name", "size", "cached", "version"],
    properties: {
      checksum_info: { model: "ChecksumInfo" },
      name: { type: "string" },
      size: { type: "integer", format: "int64", minimum: 0 },
      cached: { type: "boolean" },
      version: { type: "string" },
      file_download_endpoint: { model: "FileDownloadEndpoint" },
    },
  },
  FileDownloadEndpoint: { type: "object", required: ["uri"], properties: { uri: { type: "string", format: "uri" } } },
  ItemFileRequest: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
  ItemStorageInfo: {
    type: "object",
    required: ["storage_backing", "storage_uris", "name", "size", "cached", "version"],
    properties: {
      storage_backing: { model: "StorageBacking" },
      storage_uris: { type: "array", items: { type: "string", format: "uri" } },
      checksum_info: { model: "ChecksumInfo" },
      name: { type: "string" },
      size: { type: "integer", format: "int64", minimum: 0 },
      cached: { type: "boolean" },
      version: { type: "string" },
      file_download_endpoint: { model: "FileDownloadEndpoint" },
    },
  },
  ItemStorageRequest: { type: "object", required: ["file_name"], properties: { file_name: { type: "string" } } },
  SubscribedItemSyncSpec: {
    type: "object",
    required: ["force_sync_content"],
    properties: { force_sync_content: { type: "boolean" }, sync_optional_files: { type: "boolean" } },
  },
  DownloadSessionState: { type: "string", enum: ["ACTIVE", "CANCELED", "ERROR"] },
  DownloadSessionModel: {
    type: "object",
    properties: {
      id: { type: "string" },
      library_item_id: { type: "string" },
      library_item_content_version: { type: "string" },
      error_message: { model: "LocalizableMessage" },
      client_progress: { type: "integer", format: "int64", minimum: 0, maximum: 100 },
      state: { model: "DownloadSessionState" },
      expiration_time: { type: "string", format: "date-time" },
    },
  },
  DownloadSessionKeepAliveSpec: {
    type: "object",
    properties: { progress: { type: "integer", format: "int64", minimum: 0, maximum: 100 } },
  },
  DownloadSessionFailSpec: {
    type: "object",
    required: ["client_error_message"],
    properties: { client_error_message: { type: "string" } },
  },
  DownloadFileStatus: { type: "string", enum: ["UNPREPARED", "PREPARE_REQUESTED", "PREPARING", "PREPARED", "ERROR"] },
  DownloadFileInfo: {
    type: "object",
    required: ["name", "bytes_transferred", "status"],
    properties: {
      name: { type: "string" },
      size: { type: "integer", format: "int64", minimum: 0 },
      bytes_transferred: { type: "integer", format: "int64", minimum: 0 },
      status: { model: "DownloadFileStatus" },
      download_endpoint: { model: "TransferEndpoint" },
      checksum_info: { model: "ChecksumInfo" },
      error_message: { model: "LocalizableMessage" },
    },
  },
  EndpointType: { type: "string", enum: ["HTTPS", "DIRECT"] },
  DownloadFileRequest: { type: "object", required: ["file_name"], properties: { file_name: { type: "string" } } },
  DownloadFilePrepareSpec: {
    type: "object",
    required: ["file_name"],
    properties: { file_name: { type: "string" }, endpoint_type: { model: "EndpointType" } },
  },
  TransferEndpoint: {
    type: "object",
    required: ["uri"],
    properties: {
      uri: { type: "string", format: "uri" },
      ssl_certificate_thumbprint: { type: "string" },
      ssl_certificate: { type: "string" },
    },
  },
  LocalizableMessage: {
    type: "object",
    required: ["id", "default_message", "args"],
    properties: {
      id: { type: "string" },
      default_message: { type: "string" },
      args: { type: "array", items: { type: "string" } },
      params: { type: "object", additionalProperties: { model: "LocalizationParam" } },
      localized: { type: "string" },
    },
  },
  LocalizationParam: {
    type: "object",
    properties: {
      s: { type: "string" },
      dt: { type: "string", format: "date-time" },
      i: { type: "integer", format: "int64" },
      d: { type: "number", format: "double" },
      l: { model: "NestedLocalizableMessage" },
      format: {
        type: "string",
        enum: [
          "SHORT_DATE",
          "MED_DATE",
          "LONG_DATE",
          "FULL_DATE",
          "SHORT_TIME",
          "MED_TIME",
          "LONG_TIME",
          "FULL_TIME",
          "SHORT_DATE_TIME",
          "MED_DATE_TIME",
          "LONG_DATE_TIME",
          "FULL_DATE_TIME",
        ],
      },
      precision: { type: "integer", format: "int64" },
    },
  },
  NestedLocalizableMessage: {
    type: "object",
    required: ["id"],
    properties: {
      id: { type: "string" },
      params: { type: "object", additionalProperties: { model: "LocalizationParam" } },
    },
  },
  ErrorType: {
    type: "string",
    enum: [
      "ALREADY_EXISTS",
      "ALREADY_IN_DESIRED_STATE",
      "CANCELED",
      "CONCURRENT_CHANGE",
      "ERROR",
      "FEATURE_IN_USE",
      "INTERNAL_SERVER_ERROR",
      "INVALID_ARGUMENT",
      "INVALID_ELEMENT_CONFIGURATION",
      "INVALID_ELEMENT_TYPE",
      "INVALID_REQUEST",
      "NOT_ALLOWED_IN_CURRENT_STATE",
      "NOT_FOUND",
      "OPERATION_NOT_FOUND",
      "RESOURCE_BUSY",
      "RESOURCE_IN_USE",
      "RESOURCE_INACCESSIBLE",
      "SERVICE_UNAVAILABLE",
      "TIMED_OUT",
      "UNABLE_TO_ALLOCATE_RESOURCE",
      "UNAUTHENTICATED",
      "UNAUTHORIZED",
      "UNEXPECTED_INPUT",
      "UNSUPPORTED",
      "UNVERIFIED_PEER",
    ],
  },
  ErrorBody: {
    type: "object",
    required: ["error_type", "messages"],
    properties: {
      error_type: { model: "ErrorType" },
      messages: { type: "array", items: { model: "LocalizableMessage" } },
      data: { type: "object" },
      challenge: { type: "string" },
    },
  },
  LegacyErrorValue: {
    type: "object",
    required: ["messages"],
    properties: {
      error_type: { model: "ErrorType" },
      messages: { type: "array", items: { model: "LocalizableMessage" } },
      data: { type: "object" },
      challenge: { type: "string" },
    },
  },
  LegacyErrorBody: {
    type: "object",
    required: ["type", "value"],
    properties: { type: { type: "string" }, value: { model: "LegacyErrorValue" } },
  },
};
