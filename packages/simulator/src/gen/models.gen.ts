// Generated from the specification in spec/ by "pnpm gen". Do not edit: edit the specification.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description ACTIVE: files can be added and removed. DONE: the changes are applied. ERROR: the session failed; error_message says why. CANCELED: a client canceled the session.
         * @enum {string}
         */
        readonly UpdateSessionState: "ACTIVE" | "DONE" | "ERROR" | "CANCELED";
        /** @description An update session, the lease on a library item under which its files are changed. */
        readonly UpdateSessionModel: {
            /** @description Identifier of the session, opaque. */
            readonly id?: string;
            /** @description Identifier of the item. Required to create a session; present in results. */
            readonly library_item_id?: string;
            /** @description The item's content version when the session was created. Present in results. */
            readonly library_item_content_version?: string;
            /** @description Why the session failed. Present in state ERROR only. */
            readonly error_message?: components["schemas"]["LocalizableMessage"];
            /**
             * Format: int64
             * @description Progress that the client reported with keep-alive, in percent. Present in results.
             */
            readonly client_progress?: number;
            readonly state?: components["schemas"]["UpdateSessionState"];
            /**
             * Format: date-time
             * @description The earliest time at which the session may expire, RFC 3339 in UTC. Present in results.
             */
            readonly expiration_time?: string;
        };
        /** @description What a keep-alive may report to the server. */
        readonly UpdateSessionKeepAliveSpec: {
            /**
             * Format: int64
             * @description Progress of the upload in percent.
             */
            readonly client_progress?: number;
        };
        /** @description Why an upload failed. */
        readonly UpdateSessionFailSpec: {
            /** @description The reason as the client reports it, which is stored in the session. */
            readonly client_error_message: string;
        };
        /**
         * @description NONE: no content. PUSH: the client sends the bytes. PULL: the server fetches them.
         * @enum {string}
         */
        readonly UpdateFileSourceType: "NONE" | "PUSH" | "PULL";
        /**
         * @description How far the transfer of a file is.
         * @enum {string}
         */
        readonly UpdateFileStatus: "WAITING_FOR_TRANSFER" | "TRANSFERRING" | "READY" | "VALIDATING" | "ERROR";
        /** @description A file to add or to replace. */
        readonly UpdateFileAddSpec: {
            /** @description Name of the file. */
            readonly name: string;
            readonly source_type: components["schemas"]["UpdateFileSourceType"];
            /** @description Where the server fetches the bytes for PULL. */
            readonly source_endpoint?: components["schemas"]["TransferEndpoint"];
            /**
             * Format: int64
             * @description Size of the file in bytes.
             */
            readonly size?: number;
            /** @description Checksum that the bytes must match. */
            readonly checksum_info?: components["schemas"]["ChecksumInfo"];
        };
        /** @description A file in an update session. */
        readonly UpdateFileInfo: {
            /** @description Name of the file. */
            readonly name: string;
            readonly source_type: components["schemas"]["UpdateFileSourceType"];
            /**
             * Format: int64
             * @description Size in bytes, where known.
             */
            readonly size?: number;
            /** @description Checksum that the bytes must match. */
            readonly checksum_info?: components["schemas"]["ChecksumInfo"];
            /** @description Where the client sends the bytes by PUT. Present for PUSH. */
            readonly upload_endpoint?: components["schemas"]["TransferEndpoint"];
            /**
             * Format: int64
             * @description Bytes received so far.
             */
            readonly bytes_transferred: number;
            readonly status: components["schemas"]["UpdateFileStatus"];
            /** @description Why the file failed. Present only in status ERROR. */
            readonly error_message?: components["schemas"]["LocalizableMessage"];
        };
        /** @description Names a file of the session. */
        readonly UpdateFileRequest: {
            /** @description Name of the file. */
            readonly file_name: string;
        };
        /** @description A file that is invalid. */
        readonly InvalidUpdateFile: {
            /** @description Name of the file. */
            readonly name: string;
            /** @description Why it is invalid. */
            readonly error_message: components["schemas"]["LocalizableMessage"];
        };
        /** @description The result of a check of the files. */
        readonly UpdateFileValidationResult: {
            /** @description Whether any file is missing or invalid. */
            readonly has_errors: boolean;
            /** @description Names of files that are missing. */
            readonly missing_files: readonly string[];
            /** @description Files that are invalid. */
            readonly invalid_files: readonly components["schemas"]["InvalidUpdateFile"][];
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
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type UpdateSessionState = components['schemas']['UpdateSessionState'];
export type UpdateSessionModel = components['schemas']['UpdateSessionModel'];
export type UpdateSessionKeepAliveSpec = components['schemas']['UpdateSessionKeepAliveSpec'];
export type UpdateSessionFailSpec = components['schemas']['UpdateSessionFailSpec'];
export type UpdateFileSourceType = components['schemas']['UpdateFileSourceType'];
export type UpdateFileStatus = components['schemas']['UpdateFileStatus'];
export type UpdateFileAddSpec = components['schemas']['UpdateFileAddSpec'];
export type UpdateFileInfo = components['schemas']['UpdateFileInfo'];
export type UpdateFileRequest = components['schemas']['UpdateFileRequest'];
export type InvalidUpdateFile = components['schemas']['InvalidUpdateFile'];
export type UpdateFileValidationResult = components['schemas']['UpdateFileValidationResult'];
export type LocalizationParam = components['schemas']['LocalizationParam'];
export type NestedLocalizableMessage = components['schemas']['NestedLocalizableMessage'];
export type LocalizableMessage = components['schemas']['LocalizableMessage'];
export type TransferEndpoint = components['schemas']['TransferEndpoint'];
export type ChecksumAlgorithm = components['schemas']['ChecksumAlgorithm'];
export type ChecksumInfo = components['schemas']['ChecksumInfo'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
