/** The origin of a vCenter's address. Throws a `TypeError` that says what is wrong with it, without repeating secrets. */
export function readEndpoint(endpoint: string | URL): string {
  const text = String(endpoint);
  if (!URL.canParse(text)) {
    throw new TypeError(
      `endpoint: ${JSON.stringify(text.replace(/\/\/[^/]*@/, "//"))} is not a URL. Give the vCenter's origin, such as https://vc.example.test`,
    );
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`endpoint: the scheme ${url.protocol} is not supported. Give an https URL`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("endpoint: the URL holds credentials. Give them to the auth option instead");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError(`endpoint: give the origin alone, ${url.origin}, without path, query or fragment`);
  }
  return url.origin;
}
