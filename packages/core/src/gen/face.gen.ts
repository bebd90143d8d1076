// Generated from the specification in spec/ by "pnpm gen". Do not edit: edit the specification.
import type { Call } from "../wire/call.ts";
import type { CallOptions, CreateOptions } from "../call-options.ts";
import type { ServerError } from "../errors/call-errors.ts";
import type { ApiSessionInfo, DownloadFileInfo, DownloadFilePrepareSpec, DownloadFileRequest, DownloadSessionFailSpec, DownloadSessionKeepAliveSpec, DownloadSessionModel, ItemFileInfo, ItemFileRequest, ItemFindSpec, ItemModel, ItemStorageInfo, ItemStorageRequest, LibraryFindSpec, LibraryModel, SubscribedItemSyncSpec } from "./models.gen.ts";
import { operations } from "./operations.gen.ts";

/** Query of `item.list`. */
export interface ItemListQuery {
  /** Identifier of the library. */
  readonly library_id: string;
}

/** Query of `downloadSession.list`. */
export interface DownloadSessionListQuery {
  /** Only sessions on this item. */
  readonly library_item_id?: string;
}

/** Operations of the service `session`. */
export interface SessionService {
  /**
   * Reads the API session in use.
   *
   * Reading it counts as a use of the session.
   *
   * Cost on the wire: one request.
   *
   * Modern style: `GET /api/session`.
   * Legacy style: `POST /rest/com/vmware/cis/session?~action=get`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(options?: CallOptions): Promise<ApiSessionInfo>;

  /**
   * Logs out.
   *
   * Ends the API session in use.
   *
   * Cost on the wire: one request.
   *
   * Modern style: `DELETE /api/session`.
   * Legacy style: `DELETE /rest/com/vmware/cis/session`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  delete(options?: CallOptions): Promise<void>;
}

/** Operations of the service `library`. */
export interface LibraryService {
  /**
   * Lists the identifiers of all libraries.
   *
   * Local and subscribed ones that the user may see.
   *
   * Cost on the wire: one request; the answer is not paged. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library`.
   * Legacy style: `GET /rest/com/vmware/content/library`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(options?: CallOptions): Promise<readonly string[]>;

  /**
   * Reads a library.
   *
   * Works for local and subscribed libraries.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library/{library_id}`.
   * Legacy style: `GET /rest/com/vmware/content/library/id:{library_id}`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryId: string, options?: CallOptions): Promise<LibraryModel>;

  /**
   * Finds libraries by name or type.
   *
   * All given members must match; names are compared without regard to case.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `POST /api/content/library?action=find`.
   * Legacy style: `POST /rest/com/vmware/content/library?~action=find`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code `REJECTED`: an argument is wrong.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  find(spec: LibraryFindSpec, options?: CallOptions): Promise<readonly string[]>;
}

/** Operations of the service `localLibrary`. */
export interface LocalLibraryService {
  /**
   * Lists the identifiers of the local libraries.
   *
   * Those that the user may see.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/local-library`.
   * Legacy style: `GET /rest/com/vmware/content/local-library`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(options?: CallOptions): Promise<readonly string[]>;

  /**
   * Reads a local library.
   *
   * Refuses a library that is not local.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/local-library/{library_id}`.
   * Legacy style: `GET /rest/com/vmware/content/local-library/id:{library_id}`.
   *
   * @throws {@link ServerError} INVALID_ELEMENT_TYPE, code `REJECTED`: the object is of another type.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryId: string, options?: CallOptions): Promise<LibraryModel>;
}

/** Operations of the service `subscribedLibrary`. */
export interface SubscribedLibraryService {
  /**
   * Lists the identifiers of the subscribed libraries.
   *
   * Those that the user may see.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/subscribed-library`.
   * Legacy style: `GET /rest/com/vmware/content/subscribed-library`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(options?: CallOptions): Promise<readonly string[]>;

  /**
   * Reads a subscribed library.
   *
   * Refuses a library that is not subscribed.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/subscribed-library/{library_id}`.
   * Legacy style: `GET /rest/com/vmware/content/subscribed-library/id:{library_id}`.
   *
   * @throws {@link ServerError} INVALID_ELEMENT_TYPE, code `REJECTED`: the object is of another type.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryId: string, options?: CallOptions): Promise<LibraryModel>;

  /**
   * Synchronises a subscribed library with its publisher.
   *
   * Does what the vCenter's schedule does: items follow the publisher's, and in an on-demand library file content
   * is not fetched (subscribedItem.sync does that). Returns at once and continues in a task; nothing is started
   * where the library is being synchronised already. That the library's last_sync_time changes at the end is
   * unconfirmed, and so is INVALID_ELEMENT_TYPE for a library that is not subscribed. RESOURCE_INACCESSIBLE means
   * that the publisher cannot be reached.
   *
   * Cost on the wire: one request. Privilege: ContentLibrary.SyncLibrary.
   *
   * Modern style: `POST /api/content/subscribed-library/{library_id}?action=sync`.
   * Legacy style: `POST /rest/com/vmware/content/subscribed-library/id:{library_id}?~action=sync`.
   *
   * @throws {@link ServerError} INVALID_ELEMENT_TYPE, code `REJECTED`: the object is of another type.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} RESOURCE_INACCESSIBLE, code `REJECTED`: something that the server needs for it cannot be reached.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  sync(libraryId: string, options?: CallOptions): Promise<void>;
}

/** Operations of the service `item.file`. */
export interface ItemFileService {
  /**
   * Lists the files of a library item.
   *
   * With size on storage, version and, where known, checksum. UNSUPPORTED (9.0 and later) means that a file has a
   * name that cannot be written in a URL.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library/item/{library_item_id}/file`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/file`.
   *
   * @throws {@link ServerError} UNSUPPORTED, code `REJECTED`: a file name cannot be written in a URL.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(libraryItemId: string, options?: CallOptions): Promise<readonly ItemFileInfo[]>;

  /**
   * Reads a file of a library item.
   *
   * The parameter is called name here and file_name everywhere else.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library/item/{library_item_id}/file`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/file/id:{library_item_id}?~action=get`.
   *
   * @throws {@link ServerError} UNSUPPORTED, code `REJECTED`: a file name cannot be written in a URL.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryItemId: string, spec: ItemFileRequest, options?: CallOptions): Promise<ItemFileInfo>;
}

/** Operations of the service `item.storage`. */
export interface ItemStorageService {
  /**
   * Lists the storage locations of a library item's files.
   *
   * One entry for each file and location.
   *
   * Cost on the wire: one request. Privilege: ContentLibrary.ReadStorage.
   *
   * Modern style: `GET /api/content/library/item/{library_item_id}/storage`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/storage`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(libraryItemId: string, options?: CallOptions): Promise<readonly ItemStorageInfo[]>;

  /**
   * Reads the storage locations of one file of a library item.
   *
   * The answer is an array, one entry for each location.
   *
   * Cost on the wire: one request. Privilege: ContentLibrary.ReadStorage.
   *
   * Modern style: `GET /api/content/library/item/{library_item_id}/storage`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/storage/id:{library_item_id}?~action=get`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryItemId: string, spec: ItemStorageRequest, options?: CallOptions): Promise<readonly ItemStorageInfo[]>;
}

/** Operations of the service `item`. */
export interface ItemService {
  /**
   * Lists the identifiers of a library's items.
   *
   * All items of one library.
   *
   * Cost on the wire: one request; the answer is not paged. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library/item`.
   * Legacy style: `GET /rest/com/vmware/content/library/item`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(query: ItemListQuery, options?: CallOptions): Promise<readonly string[]>;

  /**
   * Reads a library item.
   *
   * Its properties; not its files.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `GET /api/content/library/item/{library_item_id}`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/id:{library_item_id}`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(libraryItemId: string, options?: CallOptions): Promise<ItemModel>;

  /**
   * Finds library items.
   *
   * All given members must match; names are compared without regard to case.
   *
   * Cost on the wire: one request. Privilege: System.Read.
   *
   * Modern style: `POST /api/content/library/item?action=find`.
   * Legacy style: `POST /rest/com/vmware/content/library/item?~action=find`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code `REJECTED`: an argument is wrong.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  find(spec: ItemFindSpec, options?: CallOptions): Promise<readonly string[]>;

  /** Operations of the service `item.file`. */
  readonly file: ItemFileService;

  /** Operations of the service `item.storage`. */
  readonly storage: ItemStorageService;
}

/** Operations of the service `subscribedItem`. */
export interface SubscribedItemService {
  /**
   * Synchronises an item of a subscribed library.
   *
   * Returns at once and continues in a task; wait for the item's cached to become true. The reliable way to make
   * an uncached item ready for download.
   *
   * Cost on the wire: one request. Privilege: ContentLibrary.SyncLibraryItem.
   *
   * Modern style: `POST /api/content/library/subscribed-item/{library_item_id}?action=sync`.
   * Legacy style: `POST /rest/com/vmware/content/library/subscribed-item/id:{library_item_id}?~action=sync`.
   *
   * @throws {@link ServerError} INVALID_ELEMENT_TYPE, code `REJECTED`: the object is of another type.
   * @throws {@link ServerError} NOT_ALLOWED_IN_CURRENT_STATE, code `REJECTED`: the state of the object forbids it.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  sync(libraryItemId: string, spec: SubscribedItemSyncSpec, options?: CallOptions): Promise<void>;
}

/** Operations of the service `downloadSession.file`. */
export interface DownloadSessionFileService {
  /**
   * Lists the files of a download session.
   *
   * With the state of preparation of each.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `GET /api/content/library/item/download-session/{download_session_id}/file`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/downloadsession/file`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(downloadSessionId: string, options?: CallOptions): Promise<readonly DownloadFileInfo[]>;

  /**
   * Reads a file of a download session.
   *
   * Poll this until the status is PREPARED or ERROR. INVALID_ARGUMENT, not NOT_FOUND, means an unknown file.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `GET /api/content/library/item/download-session/{download_session_id}/file`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/downloadsession/file/id:{download_session_id}?~action=get`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code `REJECTED`: an argument is wrong.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(downloadSessionId: string, spec: DownloadFileRequest, options?: CallOptions): Promise<DownloadFileInfo>;

  /**
   * Asks the server to prepare a file.
   *
   * The answer may be PREPARED at once. INVALID_ARGUMENT means an unknown file, UNAUTHORIZED a DIRECT endpoint
   * without the privilege ContentLibrary.ReadStorage.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `POST /api/content/library/item/download-session/{download_session_id}/file?action=prepare`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/downloadsession/file/id:{download_session_id}?~action=prepare`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code `REJECTED`: an argument is wrong.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  prepare(downloadSessionId: string, spec: DownloadFilePrepareSpec, options?: CallOptions): Promise<DownloadFileInfo>;
}

/** Operations of the service `downloadSession`. */
export interface DownloadSessionService {
  /**
   * Creates a download session on a library item.
   *
   * It expires after some minutes without activity (five by default), so keep it alive and delete it when done.
   *
   * Cost on the wire: one request, repeated with the same client token when the answer was lost. Privilege:
   * ContentLibrary.DownloadSession.
   *
   * Modern style: `POST /api/content/library/item/download-session`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/download-session`.
   *
   * @throws {@link ServerError} INVALID_ARGUMENT, code `REJECTED`: an argument is wrong.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  create(spec: Required<Pick<DownloadSessionModel, "library_item_id">>, options?: CreateOptions): Promise<string>;

  /**
   * Lists the identifiers of the caller's download sessions.
   *
   * Only sessions that the calling user created. Which states are listed is unconfirmed.
   *
   * Cost on the wire: one request. Privilege: ContentLibrary.DownloadSession.
   *
   * Modern style: `GET /api/content/library/item/download-session`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/download-session`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  list(query?: DownloadSessionListQuery, options?: CallOptions): Promise<readonly string[]>;

  /**
   * Reads a download session.
   *
   * Its state, progress and earliest expiry. A get by the same user seems to count as activity; that is
   * unconfirmed.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `GET /api/content/library/item/download-session/{download_session_id}`.
   * Legacy style: `GET /rest/com/vmware/content/library/item/download-session/id:{download_session_id}`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  get(downloadSessionId: string, options?: CallOptions): Promise<DownloadSessionModel>;

  /**
   * Deletes a download session.
   *
   * Allowed in any state. What happens to a running transfer is undefined.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `DELETE /api/content/library/item/download-session/{download_session_id}`.
   * Legacy style: `DELETE /rest/com/vmware/content/library/item/download-session/id:{download_session_id}`.
   *
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  delete(downloadSessionId: string, options?: CallOptions): Promise<void>;

  /**
   * Keeps a download session alive.
   *
   * Postpones its expiry and may report progress. Works in state ACTIVE only.
   *
   * Cost on the wire: one request. Privilege: System.Anonymous.
   *
   * Modern style: `POST /api/content/library/item/download-session/{download_session_id}?action=keep-alive`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/download-session/id:{download_session_id}?~action=keep-alive`.
   *
   * @throws {@link ServerError} NOT_ALLOWED_IN_CURRENT_STATE, code `REJECTED`: the state of the object forbids it.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  keepAlive(downloadSessionId: string, spec?: DownloadSessionKeepAliveSpec, options?: CallOptions): Promise<void>;

  /**
   * Cancels a download session.
   *
   * Aborts running transfers and invalidates the transfer URLs. The session remains, in state CANCELED, until it
   * is deleted. Works in state ACTIVE only.
   *
   * Cost on the wire: one request, and one get where the answer was lost. Privilege: System.Anonymous.
   *
   * Modern style: `POST /api/content/library/item/download-session/{download_session_id}?action=cancel`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/download-session/id:{download_session_id}?~action=cancel`.
   *
   * @throws {@link ServerError} NOT_ALLOWED_IN_CURRENT_STATE, code `REJECTED`: the state of the object forbids it.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  cancel(downloadSessionId: string, options?: CallOptions): Promise<void>;

  /**
   * Reports that the client's download failed.
   *
   * Ends the session with the client's message. Works in state ACTIVE only.
   *
   * Cost on the wire: one request, and one get where the answer was lost. Privilege: System.Anonymous.
   *
   * Modern style: `POST /api/content/library/item/download-session/{download_session_id}?action=fail`.
   * Legacy style: `POST /rest/com/vmware/content/library/item/download-session/id:{download_session_id}?~action=fail`.
   *
   * @throws {@link ServerError} NOT_ALLOWED_IN_CURRENT_STATE, code `REJECTED`: the state of the object forbids it.
   * @throws {@link ServerError} UNAUTHENTICATED, code `AUTH`: the login was refused.
   * @throws {@link ServerError} UNAUTHORIZED, code `AUTH`: the user lacks the privilege.
   * @throws {@link ServerError} NOT_FOUND, code `NOT_FOUND`: there is no such object.
   * @throws {@link ServerError} INTERNAL_SERVER_ERROR, code `REJECTED`: the server failed.
   * @throws {@link ServerError} SERVICE_UNAVAILABLE, code `BUSY`: the server is unavailable or overloaded, even after the retries.
   */
  fail(downloadSessionId: string, spec: DownloadSessionFailSpec, options?: CallOptions): Promise<void>;

  /** Operations of the service `downloadSession.file`. */
  readonly file: DownloadSessionFileService;
}

/** Every operation of the specification. */
export interface Face {
  /** Operations of the service `session`. */
  readonly session: SessionService;

  /** Operations of the service `library`. */
  readonly library: LibraryService;

  /** Operations of the service `localLibrary`. */
  readonly localLibrary: LocalLibraryService;

  /** Operations of the service `subscribedLibrary`. */
  readonly subscribedLibrary: SubscribedLibraryService;

  /** Operations of the service `item`. */
  readonly item: ItemService;

  /** Operations of the service `subscribedItem`. */
  readonly subscribedItem: SubscribedItemService;

  /** Operations of the service `downloadSession`. */
  readonly downloadSession: DownloadSessionService;
}

/** Binds every operation to one caller. */
export function createFace(call: Call): Face {
  return {
    session: {
      get: (options) =>
        call(operations["session.get"], [], undefined, options),
      delete: (options) =>
        call(operations["session.delete"], [], undefined, options),
    },
    library: {
      list: (options) =>
        call(operations["library.list"], [], undefined, options),
      get: (libraryId, options) =>
        call(operations["library.get"], [libraryId], undefined, options),
      find: (spec, options) =>
        call(operations["library.find"], [], spec, options),
    },
    localLibrary: {
      list: (options) =>
        call(operations["localLibrary.list"], [], undefined, options),
      get: (libraryId, options) =>
        call(operations["localLibrary.get"], [libraryId], undefined, options),
    },
    subscribedLibrary: {
      list: (options) =>
        call(operations["subscribedLibrary.list"], [], undefined, options),
      get: (libraryId, options) =>
        call(operations["subscribedLibrary.get"], [libraryId], undefined, options),
      sync: (libraryId, options) =>
        call(operations["subscribedLibrary.sync"], [libraryId], undefined, options),
    },
    item: {
      list: (query, options) =>
        call(operations["item.list"], [], query, options),
      get: (libraryItemId, options) =>
        call(operations["item.get"], [libraryItemId], undefined, options),
      find: (spec, options) =>
        call(operations["item.find"], [], spec, options),
      file: {
        list: (libraryItemId, options) =>
          call(operations["item.file.list"], [libraryItemId], undefined, options),
        get: (libraryItemId, spec, options) =>
          call(operations["item.file.get"], [libraryItemId], spec, options),
      },
      storage: {
        list: (libraryItemId, options) =>
          call(operations["item.storage.list"], [libraryItemId], undefined, options),
        get: (libraryItemId, spec, options) =>
          call(operations["item.storage.get"], [libraryItemId], spec, options),
      },
    },
    subscribedItem: {
      sync: (libraryItemId, spec, options) =>
        call(operations["subscribedItem.sync"], [libraryItemId], spec, options),
    },
    downloadSession: {
      create: (spec, options) =>
        call(operations["downloadSession.create"], [], spec, options),
      list: (query, options) =>
        call(operations["downloadSession.list"], [], query, options),
      get: (downloadSessionId, options) =>
        call(operations["downloadSession.get"], [downloadSessionId], undefined, options),
      delete: (downloadSessionId, options) =>
        call(operations["downloadSession.delete"], [downloadSessionId], undefined, options),
      keepAlive: (downloadSessionId, spec, options) =>
        call(operations["downloadSession.keepAlive"], [downloadSessionId], spec, options),
      cancel: (downloadSessionId, options) =>
        call(operations["downloadSession.cancel"], [downloadSessionId], undefined, options),
      fail: (downloadSessionId, spec, options) =>
        call(operations["downloadSession.fail"], [downloadSessionId], spec, options),
      file: {
        list: (downloadSessionId, options) =>
          call(operations["downloadSession.file.list"], [downloadSessionId], undefined, options),
        get: (downloadSessionId, spec, options) =>
          call(operations["downloadSession.file.get"], [downloadSessionId], spec, options),
        prepare: (downloadSessionId, spec, options) =>
          call(operations["downloadSession.file.prepare"], [downloadSessionId], spec, options),
      },
    },
  };
}
