/** A fetch that answers for download sessions from memory, so that a measure leaves the wire out. */
export function inMemorySessions(
  lifeMs: number,
  nowMs: () => number,
): { readonly fetch: typeof fetch; readonly renewals: () => number } {
  let renewals = 0;
  const answer: typeof fetch = async (input) => {
    const { method, url } = input as Request;
    const headers = { date: new Date(nowMs()).toUTCString(), "content-type": "application/json" };
    if (method === "POST" && url.endsWith("/download-session")) return new Response('"s:1"', { status: 201, headers });
    if (method === "POST") renewals += 1;
    if (method !== "GET") return new Response(null, { status: 204, headers });
    const model = {
      library_item_id: "item",
      library_item_content_version: "1",
      client_progress: 0,
      state: "ACTIVE",
      expiration_time: new Date(nowMs() + lifeMs).toISOString(),
    };
    return new Response(JSON.stringify(model), { status: 200, headers });
  };
  return { fetch: answer, renewals: () => renewals };
}
