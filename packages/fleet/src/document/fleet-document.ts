/** What a fleet is to do: which libraries of which vCenters are mirrored to which places, and when. Holds no secrets. */
export interface FleetDocument {
  /** URL of a PostgreSQL database, without a password. Absent where the fleet runs on the embedded database. */
  readonly database?: string;
  /** By name. */
  readonly vcenters: Readonly<Record<string, FleetVcenter>>;
  /** By name. */
  readonly targets: Readonly<Record<string, FleetTarget>>;
  /** By name. */
  readonly mirrors: Readonly<Record<string, FleetMirror>>;
}

/** A vCenter, which either a context or a server name leads to. */
export interface FleetVcenter {
  /** Name of a context, which says how to connect and to log in. */
  readonly context?: string;
  /** A host name or an https URL. */
  readonly server?: string;
  /** How many files are transferred from it at once by all workers together. */
  readonly transfers: number;
}

/** A directory that all workers reach by the same path, or an object store. */
export type FleetTarget = FleetDirectory | FleetStore;

/** A directory. */
export interface FleetDirectory {
  /** Absolute path, the same on every worker. */
  readonly path: string;
}

/** A part of a bucket. What is left out is found as by the AWS command line. */
export interface FleetStore {
  /** `s3://BUCKET` or `s3://BUCKET/PREFIX`. */
  readonly s3: string;
  /** URL of a store that is not Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** A profile with credentials. */
  readonly profile?: string;
}

/** One library and its place. */
export interface FleetMirror {
  /** Name of one of the vCenters. */
  readonly vcenter: string;
  /** Name or id of the library. */
  readonly library: string;
  /** Name of one of the targets. */
  readonly target: string;
  /** Where below the target. The default is the target itself. */
  readonly prefix?: string;
  /** When it is brought up to date: a cron expression of five fields. Absent: only on request. */
  readonly cron?: string;
  /** IANA time zone of `cron`. The default is UTC. */
  readonly timezone?: string;
  /** Deletes mirrored items that no longer exist on the server. The default is false. */
  readonly delete?: boolean;
  /** Publishes the mirror as a library that other vCenters subscribe to. The default is false. */
  readonly publish?: boolean;
  /** Items of a mirror with a higher priority come first: 0 to 100. The default is 0. */
  readonly priority?: number;
}
