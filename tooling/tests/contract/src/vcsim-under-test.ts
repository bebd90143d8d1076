import { startVcsim } from "@carrel/vcsim";
import type { ServerUnderTest } from "./server-under-test.ts";

/** Starts govmomi's simulator, which knows the legacy style only, as the contract's server. */
export async function vcsimUnderTest(): Promise<ServerUnderTest> {
  const vcsim = await startVcsim();
  return {
    style: "rest",
    url: vcsim.url,
    certificate: vcsim.certificate,
    user: vcsim.user,
    password: vcsim.password,
    datastoreId: vcsim.datastoreId,
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}
