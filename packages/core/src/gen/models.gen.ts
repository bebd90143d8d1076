// Generated from the specification in spec/ by "pnpm gen". Do not edit: edit the specification.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An API session, which is the login to the vCenter. */
        readonly ApiSessionInfo: {
            /** @description Name of the user who logged in. */
            readonly user: string;
            /**
             * Format: date-time
             * @description When the session was created, RFC 3339 in UTC.
             */
            readonly created_time: string;
            /**
             * Format: date-time
             * @description When the session was used last. Reading it counts as a use.
             */
            readonly last_accessed_time: string;
        };
        /**
         * @description LOCAL: its content is managed here. SUBSCRIBED: its content is copied from a publisher.
         * @enum {string}
         */
        readonly LibraryType: "LOCAL" | "SUBSCRIBED";
        /** @description A content library. */
        readonly LibraryModel: {
            /** @description Identifier of the library, a UUID. Present in results. */
            readonly id?: string;
            /**
             * Format: date-time
             * @description When the library was created. Present in results.
             */
            readonly creation_time?: string;
            /** @description How its owner describes the library. At most 2,000 characters. */
            readonly description?: string;
            /**
             * Format: date-time
             * @description When the library's own properties changed last. Present in results; adding an item does not change it.
             */
            readonly last_modified_time?: string;
            /**
             * Format: date-time
             * @description When a subscribed library was synchronised last. Absent for local libraries and before the first time.
             */
            readonly last_sync_time?: string;
            /** @description Name of the library. Not unique; case is ignored in searches. */
            readonly name?: string;
            /** @description Where the library keeps its content. */
            readonly storage_backings?: readonly components["schemas"]["StorageBacking"][];
            readonly type?: components["schemas"]["LibraryType"];
            readonly optimization_info?: components["schemas"]["OptimizationInfo"];
            /** @description Increases with each change of the library's own properties; adding, changing or removing an item does not change it. Present in results. */
            readonly version?: string;
            readonly publish_info?: components["schemas"]["PublishInfo"];
            readonly subscription_info?: components["schemas"]["SubscriptionInfo"];
            /** @description Identifier of the vCenter that owns the library. Present in results. */
            readonly server_guid?: string;
            /** @description Identifier of the policy that items of the library must satisfy. Absent where there is none. */
            readonly security_policy_id?: string;
            /** @description Removes the security policy. Used in updates only. */
            readonly unset_security_policy_id?: boolean;
            readonly state_info?: components["schemas"]["LibraryStateInfo"];
            readonly configuration_info?: components["schemas"]["LibraryConfigurationInfo"];
        };
        /** @description Whether a library can be used. */
        readonly LibraryStateInfo: {
            /**
             * @description ACTIVE: in use. MAINTENANCE: its content cannot be changed at present. Present in results.
             * @enum {string}
             */
            readonly state?: "ACTIVE" | "MAINTENANCE";
            /** @description Why the library is in that state. Absent where the reason was not recorded. */
            readonly message?: string;
        };
        /** @description Settings of a library. */
        readonly LibraryConfigurationInfo: {
            /** @description Whether the usages of the library hold for its items too. */
            readonly apply_library_usage_to_items?: boolean;
        };
        /** @description A storage location where a library keeps content. Which members are present depends on the type. */
        readonly StorageBacking: {
            /**
             * @description DATASTORE: a datastore of the vCenter. OTHER: a file system or share, named by storage_uri.
             * @enum {string}
             */
            readonly type?: "DATASTORE" | "OTHER";
            /** @description Identifier of the datastore. Present for DATASTORE. */
            readonly datastore_id?: string;
            /**
             * Format: uri
             * @description Location of the storage. Present for OTHER.
             */
            readonly storage_uri?: string;
        };
        /** @description For which use a library is optimised. */
        readonly OptimizationInfo: {
            /** @description Whether the library is optimised for serving remote subscribers rather than for local use. */
            readonly optimize_remote_publishing?: boolean;
        };
        /** @description How a local library is published to subscribers. */
        readonly PublishInfo: {
            /**
             * @description How a subscriber must authenticate.
             * @enum {string}
             */
            readonly authentication_method?: "BASIC" | "NONE";
            /** @description Whether the library is published. */
            readonly published?: boolean;
            /**
             * Format: uri
             * @description Where subscribers find it. Present when published.
             */
            readonly publish_url?: string;
            /** @description User name for BASIC; the vendor fixes it to "vcsp". */
            readonly user_name?: string;
            /**
             * Format: password
             * @description New password for BASIC. Sent in updates, never present in results.
             */
            readonly password?: string;
            /**
             * Format: password
             * @description The current password, needed to change it. Never present in results.
             */
            readonly current_password?: string;
            /** @description Whether the library's metadata is kept as files beside its content. */
            readonly persist_json_enabled?: boolean;
        };
        /** @description How a subscribed library follows its publisher. */
        readonly SubscriptionInfo: {
            /**
             * @description How the publisher requires subscribers to authenticate.
             * @enum {string}
             */
            readonly authentication_method?: "BASIC" | "NONE";
            /** @description Whether the library is synchronised by the vCenter's schedule. */
            readonly automatic_sync_enabled?: boolean;
            /** @description Whether file content is fetched only on request. If so, an item may be uncached, and must be synchronised before a download. */
            readonly on_demand?: boolean;
            /**
             * Format: uri
             * @description URL of the publisher.
             */
            readonly subscription_url?: string;
            /** @description User name for BASIC. */
            readonly user_name?: string;
            /**
             * Format: password
             * @description Password for BASIC. Never present in results.
             */
            readonly password?: string;
            /** @description SHA-1 fingerprint of the publisher's certificate, as hexadecimal with or without colons. */
            readonly ssl_thumbprint?: string;
            readonly source_info?: components["schemas"]["SourceInfo"];
            /** @description The publisher's certificate, PEM. Where given, ssl_thumbprint is ignored. Never present in results. */
            readonly ssl_certificate?: string;
        };
        /** @description The published library that a subscription names, where publisher and subscriber know each other. */
        readonly SourceInfo: {
            /** @description Identifier of the published library. */
            readonly source_library?: string;
            /** @description Identifier of the subscription at the publisher. */
            readonly subscription?: string;
        };
        /** @description The properties to search by. Every given member must match; at least one is needed. */
        readonly LibraryFindSpec: {
            /** @description Name of the library, compared without regard to case. */
            readonly name?: string;
            readonly type?: components["schemas"]["LibraryType"];
            /** @description Only libraries that keep their content in this storage. */
            readonly storage_backing?: components["schemas"]["StorageBacking"];
        };
        /** @description A library item. */
        readonly ItemModel: {
            /** @description Identifier of the item, a UUID. Present in results. */
            readonly id?: string;
            /** @description Identifier of the library that holds the item. Needed to create one. */
            readonly library_id?: string;
            /** @description Changes with the item's files. A download is of one content version. */
            readonly content_version?: string;
            /**
             * Format: date-time
             * @description When the item was created. Present in results.
             */
            readonly creation_time?: string;
            /** @description How its owner describes the item. At most 2,000 characters. */
            readonly description?: string;
            /**
             * Format: date-time
             * @description When the item's properties or content changed last. Present in results.
             */
            readonly last_modified_time?: string;
            /**
             * Format: date-time
             * @description When an item of a subscribed library was synchronised last.
             */
            readonly last_sync_time?: string;
            /** @description Changes with the item's properties. Present in results. */
            readonly metadata_version?: string;
            /** @description Name of the item, at most 80 characters. Needed to create one; case is ignored in searches. */
            readonly name?: string;
            /** @description Whether all files of the item are on disk at this vCenter. Present in results. */
            readonly cached?: boolean;
            /**
             * Format: int64
             * @description Bytes used on storage; 0 when not cached. Not the length of the download.
             */
            readonly size?: number;
            /** @description Kind of the item, such as ovf, ova or iso; the server reads the metadata of the kinds that it knows. */
            readonly type?: string;
            /** @description Increases with each change of the item's properties; changes of its files show in content_version. Present in results. */
            readonly version?: string;
            /** @description Identifier of the item at the publisher. Present for items of subscribed libraries. */
            readonly source_id?: string;
            /** @description Whether the item satisfies its library's security policy. */
            readonly security_compliance?: boolean;
            readonly certificate_verification_info?: components["schemas"]["CertificateVerificationInfo"];
        };
        /** @description The result of verifying the certificate that signed an item. */
        readonly CertificateVerificationInfo: {
            /**
             * @description Outcome of the verification.
             * @enum {string}
             */
            readonly status: "NOT_AVAILABLE" | "VERIFIED" | "INTERNAL" | "VERIFICATION_FAILURE" | "VERIFICATION_IN_PROGRESS" | "UNTRUSTED";
            /** @description The signing certificates, base64. Present when there are any. */
            readonly cert_chain?: readonly string[];
        };
        /** @description The properties to search by. Every given member must match; at least one is needed. */
        readonly ItemFindSpec: {
            /** @description Name of the item, compared without regard to case. */
            readonly name?: string;
            /** @description Only items of this library. */
            readonly library_id?: string;
            /** @description Only the item with this identifier at the publisher. */
            readonly source_id?: string;
            /** @description Only items of this kind. */
            readonly type?: string;
            /** @description Only items that are (or are not) on disk. */
            readonly cached?: boolean;
        };
        /**
         * @description How a checksum was computed. SHA256 and SHA512 were added in API version 6.8.
         * @enum {string}
         */
        readonly ChecksumAlgorithm: "SHA1" | "MD5" | "SHA256" | "SHA512";
        /** @description A checksum of a file. */
        readonly ChecksumInfo: {
            /** @description Algorithm; SHA1 where absent. */
            readonly algorithm?: components["schemas"]["ChecksumAlgorithm"];
            /** @description The checksum. Hexadecimal in every known source; whether in upper or lower case is unconfirmed, so ignore case when comparing. */
            readonly checksum: string;
        };
        /** @description A file of a library item. */
        readonly ItemFileInfo: {
            readonly checksum_info?: components["schemas"]["ChecksumInfo"];
            /** @description Name of the file, unique in the item without regard to case. */
            readonly name: string;
            /**
             * Format: int64
             * @description Bytes used on storage; 0 when not cached. Not the length of the download.
             */
            readonly size: number;
            /** @description Whether the file is on disk at this vCenter. */
            readonly cached: boolean;
            /** @description Changes with the file's content. */
            readonly version: string;
            /**
             * Format: uri
             * @description Address at the vCenter from which the file can be fetched without a download session, with the API session's header. Absent when the file is not cached and for VM template items.
             */
            readonly file_download_endpoint?: string;
        };
        /** @description Identifies a file of an item. */
        readonly ItemFileRequest: {
            /** @description Name of the file. */
            readonly name: string;
        };
        /** @description A file of a library item and where it is stored. */
        readonly ItemStorageInfo: {
            readonly storage_backing: components["schemas"]["StorageBacking"];
            /** @description Locations of the file on storage. */
            readonly storage_uris: readonly string[];
            readonly checksum_info?: components["schemas"]["ChecksumInfo"];
            /** @description Name of the file. */
            readonly name: string;
            /**
             * Format: int64
             * @description Bytes used on storage; 0 when not cached.
             */
            readonly size: number;
            /** @description Whether the file is on disk at this vCenter. */
            readonly cached: boolean;
            /** @description Changes with the file's content. */
            readonly version: string;
            /**
             * Format: uri
             * @description Address at the vCenter from which the file can be fetched without a download session, with the API session's header. Absent when the file is not cached and for VM template items.
             */
            readonly file_download_endpoint?: string;
        };
        /** @description Identifies a file of an item. */
        readonly ItemStorageRequest: {
            /** @description Name of the file. */
            readonly file_name: string;
        };
        /** @description How much of an item is synchronised. */
        readonly SubscribedItemSyncSpec: {
            /** @description Whether file content is fetched too, also where the library is on-demand. */
            readonly force_sync_content: boolean;
            /** @description Whether optional files (of an OVF, say) are fetched too. */
            readonly sync_optional_files?: boolean;
        };
        /**
         * @description ACTIVE: files can be prepared and transferred. CANCELED: a client cancelled it; the session remains until it is deleted. ERROR: the session failed; error_message says why. There is no state for "done".
         * @enum {string}
         */
        readonly DownloadSessionState: "ACTIVE" | "CANCELED" | "ERROR";
        /** @description A download session, the lease on a library item under which its files are prepared and transferred. */
        readonly DownloadSessionModel: {
            /** @description Identifier of the session, opaque, often two UUIDs with a colon. According to the specifications it is absent from results, but recorded answers have it; keep the one that create returned. */
            readonly id?: string;
            /** @description Identifier of the item. Needed to create a session; present in results. */
            readonly library_item_id?: string;
            /** @description The item's content version when the session was created. Present in results. */
            readonly library_item_content_version?: string;
            /** @description Why the session failed. Present in state ERROR only. */
            readonly error_message?: components["schemas"]["LocalizableMessage"];
            /**
             * Format: int64
             * @description Progress that the client reported with keep-alive, in percent. Present in results; 0 at first.
             */
            readonly client_progress?: number;
            readonly state?: components["schemas"]["DownloadSessionState"];
            /**
             * Format: date-time
             * @description The earliest time at which the session may expire, RFC 3339 in UTC. Present in results.
             */
            readonly expiration_time?: string;
        };
        /** @description What a keep-alive may report to the server. */
        readonly DownloadSessionKeepAliveSpec: {
            /**
             * Format: int64
             * @description Progress of the download in percent; must be greater than the value the server has.
             */
            readonly progress?: number;
        };
        /** @description Why a download failed. */
        readonly DownloadSessionFailSpec: {
            /** @description The client's description of the failure, kept with the session. */
            readonly client_error_message: string;
        };
        /**
         * @description UNPREPARED: not requested. PREPARE_REQUESTED: requested. PREPARING: the server is preparing it. PREPARED: it has a download_endpoint. ERROR: it has an error_message.
         * @enum {string}
         */
        readonly DownloadFileStatus: "UNPREPARED" | "PREPARE_REQUESTED" | "PREPARING" | "PREPARED" | "ERROR";
        /** @description A file in a download session. */
        readonly DownloadFileInfo: {
            /** @description Name of the file. */
            readonly name: string;
            /**
             * Format: int64
             * @description Length in bytes. May be absent at first; certain only after the client has finished the download.
             */
            readonly size?: number;
            /**
             * Format: int64
             * @description Bytes that the server moved to prepare the file. May remain 0 until the client starts.
             */
            readonly bytes_transferred: number;
            readonly status: components["schemas"]["DownloadFileStatus"];
            /** @description Where the bytes can be read. Present only in status PREPARED. */
            readonly download_endpoint?: components["schemas"]["TransferEndpoint"];
            /** @description Checksum of the file. Absent until the download is complete; then read the file again. */
            readonly checksum_info?: components["schemas"]["ChecksumInfo"];
            /** @description Why the file could not be prepared. Present only in status ERROR. */
            readonly error_message?: components["schemas"]["LocalizableMessage"];
        };
        /**
         * @description HTTPS: a transfer URL. DIRECT: a location on storage that the caller reads itself, which needs the privilege ContentLibrary.ReadStorage when the session is created.
         * @enum {string}
         */
        readonly EndpointType: "HTTPS" | "DIRECT";
        /** @description Identifies a file of the session. */
        readonly DownloadFileRequest: {
            /** @description Name of the file. */
            readonly file_name: string;
        };
        /** @description Which file to prepare, and how it will be read. */
        readonly DownloadFilePrepareSpec: {
            /** @description Name of the file. */
            readonly file_name: string;
            /** @description How the file will be read; HTTPS where absent. */
            readonly endpoint_type?: components["schemas"]["EndpointType"];
        };
        /** @description A location to read a file's bytes from. Its uri is a secret, because anyone who has it can read the file. */
        readonly TransferEndpoint: {
            /**
             * Format: uri
             * @description Location of the bytes; scheme https, http or ds. Opaque, to be used unchanged.
             */
            readonly uri: string;
            /** @description SHA-1 fingerprint of the certificate at uri, hexadecimal, usually with colons. Where present, only this certificate is accepted, and nothing else is checked. */
            readonly ssl_certificate_thumbprint?: string;
            /** @description The certificate at uri, PEM. Where present, the thumbprint is ignored. */
            readonly ssl_certificate?: string;
        };
        /** @description A message of the server. */
        readonly LocalizableMessage: {
            /** @description Identifier of the message, such as com.vmware.vdcs.cls-main.not_found. */
            readonly id: string;
            /** @description The message in English with its arguments filled in. */
            readonly default_message: string;
            /** @description The arguments, in order. */
            readonly args: readonly string[];
            /** @description The arguments by name. */
            readonly params?: {
                readonly [key: string]: components["schemas"]["LocalizationParam"];
            };
            /** @description The message in the language that the client asked for. Absent where it asked for none. */
            readonly localized?: string;
        };
        /** @description A typed argument of a message. One of the value members is present. */
        readonly LocalizationParam: {
            /** @description A string. */
            readonly s?: string;
            /**
             * Format: date-time
             * @description A point in time.
             */
            readonly dt?: string;
            /**
             * Format: int64
             * @description A whole number.
             */
            readonly i?: number;
            /**
             * Format: double
             * @description A number.
             */
            readonly d?: number;
            readonly l?: components["schemas"]["NestedLocalizableMessage"];
            /**
             * @description How to show a point in time.
             * @enum {string}
             */
            readonly format?: "SHORT_DATE" | "MED_DATE" | "LONG_DATE" | "FULL_DATE" | "SHORT_TIME" | "MED_TIME" | "LONG_TIME" | "FULL_TIME" | "SHORT_DATE_TIME" | "MED_DATE_TIME" | "LONG_DATE_TIME" | "FULL_DATE_TIME";
            /**
             * Format: int64
             * @description Digits after the point for a number.
             */
            readonly precision?: number;
        };
        /** @description A message used as an argument of another. */
        readonly NestedLocalizableMessage: {
            /** @description Identifier of the message. */
            readonly id: string;
            /** @description The arguments by name. */
            readonly params?: {
                readonly [key: string]: components["schemas"]["LocalizationParam"];
            };
        };
        /**
         * @description What went wrong. Decide by this and not by the HTTP status, which differs between the wire styles (RESOURCE_BUSY is 400 in the legacy style and 500 in the modern one).
         * @enum {string}
         */
        readonly ErrorType: "ALREADY_EXISTS" | "ALREADY_IN_DESIRED_STATE" | "CANCELED" | "CONCURRENT_CHANGE" | "ERROR" | "FEATURE_IN_USE" | "INTERNAL_SERVER_ERROR" | "INVALID_ARGUMENT" | "INVALID_ELEMENT_CONFIGURATION" | "INVALID_ELEMENT_TYPE" | "INVALID_REQUEST" | "NOT_ALLOWED_IN_CURRENT_STATE" | "NOT_FOUND" | "OPERATION_NOT_FOUND" | "RESOURCE_BUSY" | "RESOURCE_IN_USE" | "RESOURCE_INACCESSIBLE" | "SERVICE_UNAVAILABLE" | "TIMED_OUT" | "UNABLE_TO_ALLOCATE_RESOURCE" | "UNAUTHENTICATED" | "UNAUTHORIZED" | "UNEXPECTED_INPUT" | "UNSUPPORTED" | "UNVERIFIED_PEER";
        /** @description The body of an error answer in the modern style. */
        readonly ErrorBody: {
            readonly error_type?: components["schemas"]["ErrorType"];
            /** @description Outermost first, causes after it. May be empty. */
            readonly messages: readonly components["schemas"]["LocalizableMessage"][];
            /** @description More about the error, different for each kind. */
            readonly data?: Record<string, never>;
            /** @description How to log in, in the form of WWW-Authenticate. May be present for UNAUTHENTICATED. */
            readonly challenge?: string;
        };
        /** @description The inner part of an error answer in the legacy style. */
        readonly LegacyErrorValue: {
            /** @description What went wrong. */
            readonly error_type?: components["schemas"]["ErrorType"];
            /** @description Outermost first, causes after it. May be empty. */
            readonly messages: readonly components["schemas"]["LocalizableMessage"][];
            /** @description More about the error, different for each kind. */
            readonly data?: Record<string, never>;
            /** @description How to log in. May be present for an unauthenticated error. */
            readonly challenge?: string;
        };
        /** @description The body of an error answer in the legacy style. */
        readonly LegacyErrorBody: {
            /** @description Name of the error, such as com.vmware.vapi.std.errors.not_found. */
            readonly type?: string;
            readonly value?: components["schemas"]["LegacyErrorValue"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type ApiSessionInfo = components['schemas']['ApiSessionInfo'];
export type LibraryType = components['schemas']['LibraryType'];
export type LibraryModel = components['schemas']['LibraryModel'];
export type LibraryStateInfo = components['schemas']['LibraryStateInfo'];
export type LibraryConfigurationInfo = components['schemas']['LibraryConfigurationInfo'];
export type StorageBacking = components['schemas']['StorageBacking'];
export type OptimizationInfo = components['schemas']['OptimizationInfo'];
export type PublishInfo = components['schemas']['PublishInfo'];
export type SubscriptionInfo = components['schemas']['SubscriptionInfo'];
export type SourceInfo = components['schemas']['SourceInfo'];
export type LibraryFindSpec = components['schemas']['LibraryFindSpec'];
export type ItemModel = components['schemas']['ItemModel'];
export type CertificateVerificationInfo = components['schemas']['CertificateVerificationInfo'];
export type ItemFindSpec = components['schemas']['ItemFindSpec'];
export type ChecksumAlgorithm = components['schemas']['ChecksumAlgorithm'];
export type ChecksumInfo = components['schemas']['ChecksumInfo'];
export type ItemFileInfo = components['schemas']['ItemFileInfo'];
export type ItemFileRequest = components['schemas']['ItemFileRequest'];
export type ItemStorageInfo = components['schemas']['ItemStorageInfo'];
export type ItemStorageRequest = components['schemas']['ItemStorageRequest'];
export type SubscribedItemSyncSpec = components['schemas']['SubscribedItemSyncSpec'];
export type DownloadSessionState = components['schemas']['DownloadSessionState'];
export type DownloadSessionModel = components['schemas']['DownloadSessionModel'];
export type DownloadSessionKeepAliveSpec = components['schemas']['DownloadSessionKeepAliveSpec'];
export type DownloadSessionFailSpec = components['schemas']['DownloadSessionFailSpec'];
export type DownloadFileStatus = components['schemas']['DownloadFileStatus'];
export type DownloadFileInfo = components['schemas']['DownloadFileInfo'];
export type EndpointType = components['schemas']['EndpointType'];
export type DownloadFileRequest = components['schemas']['DownloadFileRequest'];
export type DownloadFilePrepareSpec = components['schemas']['DownloadFilePrepareSpec'];
export type TransferEndpoint = components['schemas']['TransferEndpoint'];
export type LocalizableMessage = components['schemas']['LocalizableMessage'];
export type LocalizationParam = components['schemas']['LocalizationParam'];
export type NestedLocalizableMessage = components['schemas']['NestedLocalizableMessage'];
export type ErrorType = components['schemas']['ErrorType'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type LegacyErrorValue = components['schemas']['LegacyErrorValue'];
export type LegacyErrorBody = components['schemas']['LegacyErrorBody'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
