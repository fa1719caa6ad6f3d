import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import { DatabasePool } from '../database/database-pool.js';
import { Segment, SupportGroup } from '../directory/directory.entity.js';
import { Survey } from '../surveys/survey.entity.js';
import { ticketLinkTemplate } from '../surveys/ticket-link.js';
import { momentIn } from '../web/moment.js';
import { portalPage } from '../web/portal-page.js';
import type { FieldProblem } from '../web/problem.js';
import { nothingTyped, type TypedInvitation } from './invitation-form.js';
import { linkPath } from './invitation-link.js';
import { listInvitations, type ListedInvitation, type Wanted } from './invitation-list.js';

const ROWS_A_PAGE = 50;

/** Who may ask customers; a link answers for the customer, so that it is not for everybody who reads. */
export const INVITERS = ['admin', 'developer', 'support_lead'] as const;

/** Which page of the list, and what stands above it. */
export interface InvitationsRequest {
  before?: number | null;
  after?: number | null;
  /** An invitation that was just made or found again. */
  invited?: number | null;
  form?: { typed: TypedInvitation; errors: FieldProblem[] };
}

/** What views/invitations/index.hbs shows. */
@Injectable()
export class InvitationsPage {
  constructor(
    private readonly em: EntityManager,
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly keyring: Keyring,
  ) {}

  async view(request: AccountRequest, asked: InvitationsRequest) {
    const { id: organisationId, portalCode } = request.organisation!;
    const mayInvite = INVITERS.some((role) => role === request.member!.role);
    const where = { organisationId };
    const surveys = await this.em.find(
      Survey,
      { ...where, listeningPost: 'transactional' },
      { orderBy: { id: 'asc' } },
    );
    const order = { orderBy: { code: 'asc' } } as const;
    return {
      ...portalPage(request, 'Invitations', 'invitations'),
      mayInvite,
      form: asked.form !== undefined,
      id: 'invite',
      fields: asked.form?.typed ?? nothingTyped,
      errors: asked.form?.errors ?? [],
      groups: await this.em.find(SupportGroup, where, order),
      segments: await this.em.find(Segment, where, order),
      surveys: surveys.map(({ id, code, description }) => ({
        id: `survey-${id}`,
        code,
        description,
        chosen: code === asked.form?.typed.survey,
        link: ticketLinkTemplate(this.environment.baseUrl, code, portalCode),
      })),
      severalSurveys: surveys.length > 1,
      invited: await this.invited(request, mayInvite, asked.invited ?? null),
      ...(await this.page(request, mayInvite, asked)),
    };
  }

  private async invited(request: AccountRequest, mayInvite: boolean, id: number | null) {
    if (id === null || !mayInvite) {
      return null;
    }
    const [row] = await listInvitations(this.database, request.organisation!.id, { only: id }, 1);
    return row ? this.rowView(request, mayInvite, row) : null;
  }

  /** Behind a number, or the page in front of one; where neither leads anywhere, the newest. */
  private async page(request: AccountRequest, mayInvite: boolean, { before, after }: InvitationsRequest) {
    const list = (wanted: Wanted) => listInvitations(this.database, request.organisation!.id, wanted, ROWS_A_PAGE + 1);
    const view = (rows: ListedInvitation[], hasNewer: boolean, hasOlder: boolean) => ({
      rows: rows.map((row) => this.rowView(request, mayInvite, row)),
      newerHref: hasNewer ? `/invitations?after=${rows[0]!.id}` : null,
      olderHref: hasOlder ? `/invitations?before=${rows.at(-1)!.id}` : null,
    });
    if (typeof after === 'number') {
      const found = await list({ after });
      if (found.length > ROWS_A_PAGE) {
        return view(found.slice(1), true, true);
      }
    } else if (typeof before === 'number') {
      const found = await list({ before });
      if (found.length > 0) {
        return view(found.slice(0, ROWS_A_PAGE), true, found.length > ROWS_A_PAGE);
      }
    }
    const newest = await list({});
    return view(newest.slice(0, ROWS_A_PAGE), false, newest.length > ROWS_A_PAGE);
  }

  private rowView(request: AccountRequest, mayInvite: boolean, row: ListedInvitation) {
    const { timeZone } = request.organisation!;
    return {
      id: `invitation-${row.id}`,
      ticketId: row.ticketId,
      supportGroup: row.supportGroupName ?? row.supportGroupCode,
      customer: row.customerName || row.customerId,
      agent: row.agentId,
      made: momentIn(timeZone, row.createdAt),
      answered: momentIn(timeZone, row.answeredAt),
      expired: row.isExpired,
      expires: momentIn(timeZone, row.expiresAt),
      link: mayInvite ? `${this.environment.baseUrl}${linkPath(this.keyring, row)}` : null,
    };
  }
}
