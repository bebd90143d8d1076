export { parseS3Address } from "./s3-address.ts";
export type { S3Address } from "./s3-address.ts";
export { S3Place } from "./s3-place.ts";
export { S3Sink } from "./s3-sink.ts";
export type { S3SinkOptions } from "./s3-sink.ts";
export type { StoreOptions } from "./store-clients.ts";
export { StoreError } from "./store-error.ts";
export type { StoreErrorOptions, StoreObstacle } from "./store-error.ts";
export type { MissingFeature } from "./store-features.ts";
