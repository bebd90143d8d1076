import type { Bench } from "../run/bench.ts";
import { measuredProgram } from "../run/measured-process.ts";

/** Sessions that are kept alive: calls and CPU time. */
export const leases: Bench = {
  name: "leases",
  work: "1, 100 and 10,000 download sessions kept alive on the simulator for a virtual hour.",
  async measure({ isQuick }, turns) {
    for (const count of isQuick ? [1, 100] : [1, 100, 10_000]) {
      await turns({
        name: `${count} sessions`,
        base: "client.lease",
        rounds: 3,
        ways: [
          { name: "client.lease", run: () => measuredProgram("leases", { leases: count, minutes: isQuick ? 10 : 60 }) },
        ],
        aims: [{ way: "client.lease", figure: "renewals of the least", atMost: 1.05 }],
      });
    }
  },
};
