/**
 * A web server for a published library: what a vCenter needs to subscribe to it.
 * @packageDocumentation
 */
export { createServerCertificate } from "./server/certificate.ts";
export type { ServerCertificate } from "./server/certificate.ts";
export { serveLibrary } from "./server/serve-library.ts";
export type { LibraryServer, ServeOptions, ServedRequest } from "./server/serve-library.ts";
