import { Injectable } from '@nestjs/common';
import type { PortalRequest } from './portal-page.js';

/** A place on a room's page that another room fills. The page's template knows how to draw it. */
export type Place = 'notes of a response' | 'deliveries of a response' | 'deliveries in trouble';

export interface Panel {
  /** Who sees it; everybody when it is left out. */
  roles?: readonly string[];
  /** What the place shows for the request's organisation. @param subject of what: a response's id */
  view(request: PortalRequest, subject: number): Promise<object>;
}

/**
 * What rooms show on each other's pages, so that a room need not import those that build upon it: responses
 * know nothing of webhooks, and yet a response's page lists its deliveries. The room that fills a place
 * registers it when its module starts.
 */
@Injectable()
export class Panels {
  private readonly panels = new Map<Place, Panel>();

  register(place: Place, panel: Panel): void {
    this.panels.set(place, panel);
  }

  /** Null when nobody fills the place, or the member's role does not include it. */
  async show(place: Place, request: PortalRequest, subject = 0): Promise<object | null> {
    const panel = this.panels.get(place);
    const mayBeSeen = panel && (panel.roles === undefined || panel.roles.includes(request.member?.role ?? ''));
    return mayBeSeen ? panel.view(request, subject) : null;
  }
}
