/** What the thread that computes digests is asked to do. */
export type DigestRequest =
  | {
      readonly type: "open";
      readonly id: number;
      readonly fd: number;
      readonly algorithm: string;
      readonly start: number;
      /** Device of the file that `fd` is. */
      readonly dev: bigint;
      /** Its number there. */
      readonly ino: bigint;
    }
  | { readonly type: "advance"; readonly id: number; readonly to: number }
  | { readonly type: "close"; readonly id: number };

/** What it answers, once for each `advance`: the digest of the first `to` bytes, or that it cannot compute it. */
export type DigestReply =
  | { readonly type: "digest"; readonly id: number; readonly hex: string }
  | { readonly type: "failed"; readonly id: number };
