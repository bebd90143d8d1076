/** Headers that let pages of other origins use the simulator. */
export const corsHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "*, Date, ETag, Content-Length, Content-Range, Accept-Ranges, Retry-After",
};

/** Headers of the answer to a preflight. */
export const preflightHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "Access-Control-Allow-Headers":
    "Authorization, Content-Type, Range, If-Range, vmware-api-session-id, vmware-use-header-authn, Client-Token, client_token",
  "Access-Control-Max-Age": "600",
};
