import type { RequestHandler } from 'express';
import helmet from 'helmet';

const A_YEAR_S = 365 * 24 * 60 * 60;

/**
 * On every answer, errors and assets included. Nothing inline, nothing from elsewhere, no framing.
 *
 * Nothing is ever told where people come from, because a survey's address is its key. A portal page softens
 * that for itself by a meta element (`same-origin`): under `no-referrer` a browser sends `Origin: null`
 * with a form, and the protection against forged forms would refuse it.
 */
export function securityHeaders({ https }: { https: boolean }): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // The kit's own marks (a tick, an arrow) are pictures within its stylesheet.
        imgSrc: ["'self'", 'data:'],
        // Pages ask for their own news.
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // The other names below ours are not ours to promise for.
    strictTransportSecurity: https ? { maxAge: A_YEAR_S, includeSubDomains: false } : false,
  });
}
