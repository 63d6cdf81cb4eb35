// Another site that embeds the ticker: pages of another origin, under a policy that allows the script
// and the connections of the service and nothing else.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** The colours that a page has by itself, said aloud for tools that do not know them. */
const STYLE = 'html { color: CanvasText; background: Canvas; }';

export class Site {
  #server;
  #pages = new Map();
  url;

  static async start() {
    const site = new Site();
    site.#server = createServer((request, response) => {
      if (request.url === '/style.css') {
        return response.writeHead(200, { 'content-type': 'text/css' }).end(STYLE);
      }
      const { policy, body } = site.#pages.get(request.url) ?? {};
      if (!body) return response.writeHead(404).end();
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
      });
      response.end(body);
    });
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    site.url = `http://127.0.0.1:${site.#server.address().port}/`;
    return site;
  }

  /** A page with this in its body, and its address. Where `sockets` are not allowed, the policy forbids them. */
  page(service, body, { sockets = true, lang = 'en' } = {}) {
    const { origin, host } = new URL(service.url);
    const connect = sockets ? `${origin} ws://${host}` : origin;
    const policy = [
      "default-src 'none'",
      `script-src ${origin}`,
      `connect-src ${connect}`,
      'img-src data:',
      "style-src 'self'",
      "require-trusted-types-for 'script'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; ');
    const path = `/${this.#pages.size}`;
    this.#pages.set(path, {
      policy,
      body: `<!doctype html>
        <html lang="${lang}">
          <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>A partner's page</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="style.css">
            <script type="module" src="${origin}/ticker.js"></script>
          </head>
          <body><main><h1>A partner's page</h1>${body}</main></body>
        </html>`,
    });
    return new URL(path, this.url).href;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
