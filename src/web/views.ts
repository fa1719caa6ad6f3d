import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join, relative } from 'node:path';
import { callbackify } from 'node:util';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { create } from 'express-handlebars';
import { viewHelpers } from './view-helpers.js';

const projectRoot = join(import.meta.dirname, '..', '..');
const viewsRoot = join(projectRoot, 'views');
const publicRoot = join(projectRoot, 'public');

/**
 * Handlebars pages from `views/`, assets from `public/` at `/assets`. Every template is also a partial under its path
 * (`answering/_errors`), and a page puts on its layout itself: `{{#> layouts/portal}} … {{/layouts/portal}}`. So no
 * template needs a triple-stash, and escaping has no exception.
 *
 * @param cached false reads templates and assets anew for every page, for whoever is editing them.
 */
export function configureViews(app: NestExpressApplication, { cached = true } = {}): void {
  const version = cached ? memoised(contentHash) : contentHash;
  const handlebars = create({
    extname: '.hbs',
    defaultLayout: false,
    partialsDir: viewsRoot,
    // Otherwise a partial's output is indented line by line, and with it what people typed into a textarea.
    compilerOptions: { preventIndent: true },
    helpers: { ...viewHelpers, asset: (name: string) => `/assets/${name}?${version(name)}` },
  });
  // By promise: given a callback, express-handlebars never calls it when a partial does not compile.
  const render = (path: string, model: Record<string, unknown>) => handlebars.renderView(path, model);
  app.engine('hbs', callbackify(render));
  app.setViewEngine('hbs');
  app.setBaseViewsDir(viewsRoot);
  app.set('view cache', cached);
  app.useStaticAssets(publicRoot, {
    prefix: '/assets',
    index: false,
    setHeaders: (reply, path) => {
      reply.setHeader('Cache-Control', cacheControl(reply, version(relative(publicRoot, path))));
      // The static server names the character set of text/… alone.
      if (path.endsWith('.svg')) {
        reply.setHeader('Content-Type', 'image/svg+xml; charset=utf-8');
      }
    },
  });
}

/**
 * Only the content that the address names is kept for good: during a rolling update an older process answers for a newer
 * page's asset, and that reply must not stay in anybody's cache.
 */
function cacheControl(reply: ServerResponse, version: string): string {
  const asked = reply.req.url?.split('?')[1];
  return asked === version ? 'public, max-age=31536000, immutable' : 'no-cache';
}

function contentHash(name: string): string {
  return createHash('sha256')
    .update(readFileSync(join(publicRoot, name)))
    .digest('base64url')
    .slice(0, 10);
}

function memoised(compute: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const value = known.get(name) ?? compute(name);
    known.set(name, value);
    return value;
  };
}
