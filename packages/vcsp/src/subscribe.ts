/**
 * Reads published libraries, and downloads from them.
 * @packageDocumentation
 */
export type { SubscriptionPassword } from "./subscription/login.ts";
export { digestOf } from "./subscription/subscribed-item.ts";
export type { EndpointQuery, LibraryFiles } from "./subscription/library-files.ts";
export { openSubscription, openSubscriptionOf } from "./subscription/open-subscription.ts";
export type {
  Subscription,
  SubscriptionDownloadOptions,
  SubscriptionOptions,
  SubscriptionPlace,
} from "./subscription/open-subscription.ts";
