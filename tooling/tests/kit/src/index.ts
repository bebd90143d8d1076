export { makeCertificate, type TestCertificate } from "./certificate.ts";
export { startConnectProxy, type ConnectProxy, type ConnectProxyOptions } from "./connect-proxy.ts";
export { hexDigest, sha256, sha256OfFile } from "./digest.ts";
export { openSockets } from "./open-sockets.ts";
export { type Login, secretsIn } from "./secrets.ts";
export { send, type Got, type Sent } from "./send.ts";
export { tempDirectory, type TempDirectory } from "./temp-directory.ts";
export { isSoak, tries } from "./tries.ts";
export { until } from "./until.ts";
