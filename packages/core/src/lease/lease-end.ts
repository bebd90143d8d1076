/** How a lease of ours ended. */
export type LeaseEnd = "deleted" | "cancelled" | "kept";
