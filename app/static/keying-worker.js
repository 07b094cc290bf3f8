// Opens the keying page without a network, from what the page has kept; everything else goes to the
// server as if this were not here.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const ours = pathname.endsWith("/keying") || pathname.startsWith("/static/");
  if (event.request.method === "GET" && ours) event.respondWith(fromServerOrKept(event.request));
});

async function fromServerOrKept(request) {
  let failure;
  try {
    const reply = await fetch(request);
    if (reply.status < 500) return reply;
    failure = reply;
  } catch {
    failure = Response.error();
  }
  const kept = await caches.open("minyi-keying");
  return (await kept.match(request.url, { ignoreVary: true, ignoreSearch: true })) ?? failure;
}
