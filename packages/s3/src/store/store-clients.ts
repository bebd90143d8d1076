import { rootCertificates } from "node:tls";
import { S3Client } from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { defined } from "@carrel/core/kit";

/** How a store is reached. Whatever is left out is found as the AWS SDK finds it: environment, profile, container, instance. */
export interface StoreOptions {
  /** The address of a store that is not Amazon's, such as `https://minio.example:9000`. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** The profile of `~/.aws/config` and `~/.aws/credentials`. */
  readonly profile?: string | undefined;
  /** Puts the bucket into the path, not into the name of the host. By default so where an `endpoint` is named. */
  readonly forcePathStyle?: boolean | undefined;
  /** Certificates in PEM that are trusted beside those of Node. */
  readonly ca?: string | undefined;
  /** Credentials of the caller's own, or what provides them; it is asked again before they expire. */
  readonly credentials?: S3ClientConfig["credentials"] | undefined;
}

const connectionTimeoutMs = 10_000;
/** A connection on which nothing moves for so long is dead. */
const socketTimeoutMs = 60_000;
const maxAttempts = 5;
/** Enough for the parts of four files. */
const maxSockets = 32;

/** The clients of one store: one that repeats requests, and one that does not. They share connections and credentials. */
export class StoreClients {
  readonly repeating: S3Client;
  readonly once: S3Client;

  constructor(options: StoreOptions) {
    const { ca, credentials, endpoint = endpointInEnvironment(), profile, region } = options;
    const { forcePathStyle = endpoint !== undefined } = options;
    // Absent in versions of Node that cannot do that.
    const proxyEnv = process.env;
    const config: S3ClientConfig = {
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      followRegionRedirects: endpoint === undefined,
      requestHandler: {
        connectionTimeout: connectionTimeoutMs,
        socketTimeout: socketTimeoutMs,
        httpsAgent: { keepAlive: true, maxSockets, proxyEnv, ...defined({ ca: ca && withNodesOwn(ca) }) },
        httpAgent: { keepAlive: true, maxSockets, proxyEnv },
      },
      ...(forcePathStyle && { forcePathStyle }),
      ...defined({ endpoint, credentials, profile, region: region ?? (endpoint && regionBesideEndpoint()) }),
    };
    this.repeating = new S3Client({ ...config, maxAttempts });
    this.once = new S3Client({
      ...config,
      maxAttempts: 1,
      requestHandler: this.repeating.config.requestHandler,
      credentials: this.repeating.config.credentials,
    });
  }

  /** Closes idle connections. The clients can be used again. */
  close(): void {
    this.repeating.destroy();
  }
}

/** The SDK would find it by itself, but would then put the bucket into the name of the host. */
function endpointInEnvironment(): string | undefined {
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS } = process.env;
  if (AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true") return undefined;
  return [AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL].find((url) => url !== undefined && url !== "");
}

/** Stores that are not Amazon's rarely have regions, but a signature needs one. */
function regionBesideEndpoint(): string {
  return process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
}

function withNodesOwn(ca: string): string[] {
  return [...rootCertificates, ca];
}
