import { Controller, Get, Query, Render, Req, UseGuards } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { portalPage } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { actionWords, detailWords } from './audit-words.js';
import { CurrentOrganisation, type AccountRequest } from './current.js';
import type { Organisation } from './organisation.entity.js';
import { Roles, RolesGuard } from './roles.guard.js';
import { SignedInGuard } from './signed-in.guard.js';

const ROWS_A_PAGE = 50;

interface AuditRow {
  id: number;
  actor_email: string | null;
  action: string;
  target: string | null;
  details: Record<string, unknown>;
  address: string | null;
  at: Date;
}

/** Who did what, newest first: for admins. */
@Controller('audit')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin')
export class AuditController {
  constructor(private readonly database: DatabasePool) {}

  /** @param before the entry that the page before ended with */
  @Get()
  @Render('audit/index')
  async index(
    @CurrentOrganisation() organisation: Organisation,
    @Query('before') before: unknown,
    @Req() request: AccountRequest,
  ) {
    const cursor = cursorOf(before);
    const rows = await this.entries(organisation.id, cursor);
    const shown = rows.slice(0, ROWS_A_PAGE);
    return {
      ...portalPage(request, 'Audit', 'audit'),
      entries: shown.map(entryView),
      olderHref: rows.length > ROWS_A_PAGE ? `/audit?before=${shown.at(-1)!.id}` : null,
      newestHref: cursor === null ? null : '/audit',
      otherPages: cursor !== null || rows.length > ROWS_A_PAGE,
    };
  }

  private async entries(organisationId: number, before: number | null): Promise<AuditRow[]> {
    const { rows } = await this.database.query<AuditRow>(
      `select id, actor_email, action, target, details, address, at from audit_entry
        where organisation_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
      [organisationId, before, ROWS_A_PAGE + 1],
    );
    return rows;
  }
}

function entryView(row: AuditRow) {
  return {
    at: row.at,
    actor: row.actor_email,
    action: actionWords(row.action),
    target: row.target === row.actor_email ? null : row.target,
    details: detailWords(row.details),
    address: row.address,
  };
}

function cursorOf(given: unknown): number | null {
  if (given === undefined) {
    return null;
  }
  const number = wholeNumber(given);
  if (number === null) {
    throw notFound('This page of the audit trail');
  }
  return number;
}
