import { flash, portalPage, type PortalRequest } from './portal-page.js';
import type { PortalSection } from './portal-menu.js';

/** What a page's script says of its own requests: nobody pressed anything. */
const BACKGROUND = 'x-answerback-background';

/** Asked by a page's script, not by a person. */
export function isBackground(request: { headers: Readonly<Record<string, unknown>> }): boolean {
  return request.headers[BACKGROUND] !== undefined;
}

/** As portalPage. A page that asks for its own news takes no message away from the page that a person opens next. */
export function livePage(
  request: PortalRequest & { headers: Readonly<Record<string, unknown>> },
  title: string,
  active: PortalSection,
): ReturnType<typeof portalPage> {
  const page = portalPage(request, title, active);
  if (!isBackground(request)) {
    return page;
  }
  for (const { kind, text } of page.flash) {
    flash(request, kind, text);
  }
  return { ...page, flash: [] };
}
