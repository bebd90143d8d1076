import type { FleetError, FleetProblem } from "@carrel/fleet";

const address = "Check CARREL_FLEET_DATABASE, or the database of the document: postgres://HOST/DATABASE";

const advice: Readonly<Record<FleetProblem, readonly string[]>> = {
  "database-unreachable": [address, "Its password is that of PGPASSWORD or ~/.pgpass."],
  "database-version": ["Use PostgreSQL 14 or later."],
  "database-rights": [
    "The user needs a password in PGPASSWORD or ~/.pgpass, and the right to create schemas: GRANT CREATE ON DATABASE …",
  ],
  "database-pooler": ["Connect to PostgreSQL itself, or have PgBouncer pool sessions (pool_mode = session)."],
  locked: [
    "Stop that process, or wait for its end. Workers that are to share the work need a PostgreSQL: CARREL_FLEET_DATABASE",
  ],
  "database-directory": ["Choose another directory: CARREL_FLEET_DATABASE=/PATH"],
  "no-document": ["Apply one: carrel fleet apply FILE. To begin with a sample: carrel fleet init"],
  "not-found": ["To see what there is: carrel fleet status"],
  library: ["To see the libraries of a vCenter: carrel --context NAME ls"],
  target: ["Check that the directory exists and that this user can write to it: carrel fleet doctor"],
  "lost-claim": [],
};

/** Says what to do about an error of a fleet. */
export function fleetAdvice({ problem }: FleetError): readonly string[] {
  return advice[problem] ?? [];
}
