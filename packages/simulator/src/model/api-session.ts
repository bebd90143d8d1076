/** One login. */
export interface ApiSession {
  readonly id: string;
  readonly user: string;
  readonly createdTime: Date;
  lastAccessedTime: Date;
  readonly createdAt: number;
  usedAt: number;
}

/** How long logins last, and how many there may be. */
export interface ApiSessionLimits {
  /**
   * A login ends when it is not used this long. Transfers do not count as use.
   * @defaultValue 1_800_000
   */
  readonly idleMs?: number;
  /**
   * A login ends this long after it was made, however much it is used.
   * @defaultValue 86_400_000
   */
  readonly absoluteMs?: number;
  /**
   * Logins that one user may have at a time; one more is refused as SERVICE_UNAVAILABLE.
   * @defaultValue 550
   */
  readonly maxPerUser?: number;
}
