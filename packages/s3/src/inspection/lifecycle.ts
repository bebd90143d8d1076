import { GetBucketLifecycleConfigurationCommand } from "@aws-sdk/client-s3";
import type { LifecycleRule } from "@aws-sdk/client-s3";
import { StoreError } from "../store/store-error.ts";
import type { Store } from "../store/store.ts";

/** Whether a bucket has a rule that ends incomplete uploads. */
export interface LifecycleState {
  /** After how many days; absent where no rule does. */
  readonly endsUploadsAfterDays?: number;
  /** How many rules there are. */
  readonly rules: number;
  /** The store's code for not saying: it has no such rules, or the credentials may not read them. */
  readonly unknown?: string;
}

const silent: ReadonlySet<string> = new Set(["NotImplemented", "MethodNotAllowed", "XNotImplemented", "NotSupported"]);

/** Reads which rule ends incomplete uploads below a prefix. */
export async function readLifecycle(store: Store, prefix: string): Promise<LifecycleState> {
  try {
    const { Rules: rules = [] } = await store.ask("read", prefix, (client) =>
      client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: store.bucket })),
    );
    const days = rules.filter((rule) => covers(rule, prefix)).map(daysOf);
    const least = Math.min(...days.filter((each) => each !== undefined));
    return { rules: rules.length, ...(Number.isFinite(least) && { endsUploadsAfterDays: least }) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { obstacle, status, storeCode } = error;
    if (storeCode === "NoSuchLifecycleConfiguration") return { rules: 0 };
    const isSilent = obstacle === "denied" || silent.has(storeCode ?? "") || status === 501 || status === 405;
    if (isSilent) return { rules: 0, unknown: storeCode ?? `HTTP ${status ?? 0}` };
    throw error;
  }
}

function covers({ Filter: filter, Prefix: old, Status: status }: LifecycleRule, prefix: string): boolean {
  const rulePrefix = filter?.Prefix ?? filter?.And?.Prefix ?? old ?? "";
  return status === "Enabled" && prefix.startsWith(rulePrefix);
}

function daysOf({ AbortIncompleteMultipartUpload: rule }: LifecycleRule): number | undefined {
  return rule?.DaysAfterInitiation;
}
