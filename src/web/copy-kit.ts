import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import postcss, { type Plugin } from 'postcss';

/**
 * Copies the portal's kit from its package into public/kit (`npm run build` does). The kit switches to
 * dark by an attribute that a script has to set; here the same rules also follow the browser's own
 * preference, so that a page is dark without a script and without a flash of white.
 */
const SOURCE = '@tabler/core/dist/css/tabler.min.css';
const DARK = '[data-bs-theme=dark]';
const TARGET = join(import.meta.dirname, '..', '..', 'public', 'kit');

const source = createRequire(import.meta.url).resolve(SOURCE);
const { css } = await postcss([followPreference()]).process(await readFile(source, 'utf8'), {
  from: source,
  map: false,
});
await mkdir(TARGET, { recursive: true });
await writeFile(join(TARGET, 'tabler.css'), css.replace(/\/\*# sourceMappingURL=.*?\*\//, ''));

function followPreference(): Plugin {
  return {
    postcssPlugin: 'follow-preference',
    Once(root, { AtRule }) {
      root.walkRules((rule) => {
        if (rule.selectors.some(isForWholePage)) {
          const media = new AtRule({ name: 'media', params: '(prefers-color-scheme: dark)' });
          media.append(rule.clone({ selectors: rule.selectors.filter(isForWholePage).map(preferred) }));
          rule.after(media);
        }
      });
    },
  };
}

/** Not a rule for one dark part of a light page. */
function isForWholePage(selector: string): boolean {
  return selector.startsWith(DARK);
}

/** A preference holds for the whole page, unless the page says light. */
function preferred(selector: string): string {
  return selector.replaceAll(DARK, ':root:not([data-bs-theme=light])');
}
