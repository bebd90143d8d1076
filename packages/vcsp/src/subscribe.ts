/**
 * Reads published libraries, and downloads from them.
 * @packageDocumentation
 */
export type { SubscriptionPassword } from "./subscription/login.ts";
export { digestOf } from "./subscription/subscribed-item.ts";
export { openSubscription } from "./subscription/open-subscription.ts";
export type {
  Subscription,
  SubscriptionDownloadOptions,
  SubscriptionOptions,
} from "./subscription/open-subscription.ts";
