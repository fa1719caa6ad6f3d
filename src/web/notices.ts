import { Injectable } from '@nestjs/common';
import type { Notice, PortalRequest } from './portal-page.js';

export interface NoticeSource {
  /** Who sees them. */
  roles: readonly string[];
  /** Asked for every page: one quick look. */
  notices(request: PortalRequest): Promise<readonly Notice[]>;
}

/** What rooms say on every page of the portal. A room registers when its module starts, as with Panels. */
@Injectable()
export class Notices {
  private readonly sources: NoticeSource[] = [];

  register(source: NoticeSource): void {
    this.sources.push(source);
  }

  async of(request: PortalRequest): Promise<Notice[]> {
    const role = request.member?.role ?? '';
    const own = this.sources.filter(({ roles }) => roles.includes(role));
    return (await Promise.all(own.map((source) => source.notices(request)))).flat();
  }
}
