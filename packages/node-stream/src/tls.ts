/**
 * Connections as transfers make them: through the environment's proxy, and judged by certificates and pins.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { openConnections } from "./fetch/open-connections.ts";
export { presentedCertificates, tryPort, tryTunnel } from "./tls/probe.ts";
export type { PresentedCertificates } from "./tls/probe.ts";
export { ProxyError } from "./tls/proxy-client.ts";
export type { ProxyProblem } from "./tls/proxy-client.ts";
export { proxyFor, ProxySettingsError } from "./tls/proxy-rules.ts";
export { readThumbprint } from "./tls/thumbprint.ts";
export { requestEndpoint } from "./transfer/request-endpoint.ts";
