import { CarrelError } from "@carrel/core";
import type { CarrelClient, DownloadState, TransferEndpoint } from "@carrel/core";
import type { ListedSession, SessionSnapshot, SessionStoreOptions, StartDownload, StoreState } from "@carrel/rx";

/** What the probe of each framework shows. It is one component tree, and changes with its properties. */
export interface ProbeProps {
  readonly client: CarrelClient;
  readonly itemId?: string;
  readonly options?: SessionStoreOptions;
  /** How many components show the session. */
  readonly viewers?: number;
  /** The file that each of them prepares. */
  readonly fileName?: string;
  /** Whether all sessions of the user are listed. */
  readonly lists?: boolean;
  /** The download that is running. */
  readonly download?: StartDownload;
}

/** What a server is told of a probe. */
export type ServerProps = Omit<ProbeProps, "client" | "download">;

/** A probe on the page. */
export interface MountedProbe {
  update(props: ProbeProps): void | Promise<void>;
  unmount(): void | Promise<void>;
}

/** A framework with its package. */
export interface Skin {
  readonly name: string;
  mount(target: HTMLElement, props: ProbeProps): MountedProbe;
  /** Mounts on the markup of {@link server}, which is in the target already. */
  hydrate(target: HTMLElement, props: ProbeProps): MountedProbe;
  /** The module that renders on a server, and the function in it. */
  readonly server: readonly [module: string, name: string];
}

/** The probe's text for a session, such as `active 4711`. */
export function sessionText(state: StoreState<SessionSnapshot>): string {
  if (state.status !== "value") return otherText(state);
  const { value } = state;
  return "session" in value ? `${value.phase} ${value.session.id} ${value.renewals}` : value.phase;
}

export function fileText(state: StoreState<TransferEndpoint>): string {
  return state.status === "value" ? state.value.uri : otherText(state);
}

export function listText(state: StoreState<readonly ListedSession[]>): string {
  return state.status === "value" ? `${state.value.length} sessions` : otherText(state);
}

export function downloadText(state: StoreState<DownloadState>): string {
  return state.status === "value" ? `${state.value.phase} ${state.value.receivedBytes}` : otherText(state);
}

function otherText({ status, error }: StoreState<unknown>): string {
  return error instanceof CarrelError ? `${status} ${error.code}` : status;
}
