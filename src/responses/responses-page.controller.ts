import { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Param, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response as Reply } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { namesOf } from '../directory/code-names.js';
import { Segment, SupportGroup } from '../directory/directory.entity.js';
import { sendCsv } from '../web/csv-reply.js';
import { dayIn } from '../web/moment.js';
import { Panels } from '../web/panels.js';
import { portalPage } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { knownZone } from '../web/time-zone.js';
import { wholeNumber } from '../web/whole-number.js';
import { exportHeader, exportRecord } from './response-columns.js';
import type { ListOwner } from './response-conditions.js';
import { ResponseExport } from './response-export.js';
import { readFilters, type ReadFilters, type ResponseFilters } from './response-filters.js';
import { earlierAnswers } from './response-history.js';
import { ResponseList, type ResponsePage } from './response-list.js';
import { responseView } from './response-view.js';
import { Response } from './response.entity.js';
import { listView, type Choices } from './responses-page.js';

/** What customers answered, for every member. */
@Controller()
@UseGuards(SignedInGuard)
export class ResponsesPageController {
  constructor(
    private readonly em: EntityManager,
    private readonly list: ResponseList,
    private readonly all: ResponseExport,
    private readonly panels: Panels,
  ) {}

  @Get('responses')
  async index(
    @CurrentOrganisation() organisation: Organisation,
    @Query() query: Record<string, unknown>,
    @Req() request: AccountRequest,
    @Res() reply: Reply,
  ): Promise<void> {
    await this.showList(organisation, readFilters(query), request, reply);
  }

  /** All that the list's filters let through, as a file. */
  @Get('responses.csv')
  async export(
    @CurrentOrganisation() organisation: Organisation,
    @Query() query: Record<string, unknown>,
    @Req() request: AccountRequest,
    @Res() reply: Reply,
  ): Promise<void> {
    const read = readFilters(query);
    if (read.errors.length > 0) {
      return this.showList(organisation, read, request, reply);
    }
    const owner = ownerOf(organisation);
    await audit(this.em, { ...actOf(request), action: 'responses.exported', details: detailsOf(read.filters) });
    await sendCsv(reply, {
      filename: `responses-${dayIn(owner.timeZone, new Date())}.csv`,
      header: exportHeader,
      pages: this.records(owner, read.filters),
    });
  }

  @Get('responses/:id')
  @Render('responses/show')
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') given: string,
    @Req() request: AccountRequest,
  ) {
    const response = await this.find(organisation, given);
    const timeZone = knownZone(organisation.timeZone);
    const names = await namesOf(this.em, organisation.id, response);
    return {
      ...portalPage(request, `Response ${response.id}`, 'responses'),
      response: responseView(response, names, timeZone),
      earlier: await earlierAnswers(this.em, response, timeZone),
      notes: await this.panels.show('notes of a response', request, response.id),
      deliveries: await this.panels.show('deliveries of a response', request, response.id),
    };
  }

  private async showList(
    organisation: Organisation,
    read: ReadFilters,
    request: AccountRequest,
    reply: Reply,
  ): Promise<void> {
    const owner = ownerOf(organisation);
    const isWrong = read.errors.length > 0;
    const page = isWrong ? NOTHING : await this.list.page(owner, read.filters);
    const view = listView(page, read, await this.choices(owner), owner.timeZone);
    reply.status(isWrong ? 422 : 200).render('responses/index', {
      ...portalPage(request, 'Responses', 'responses'),
      ...view,
    });
  }

  private async *records(owner: ListOwner, filters: ResponseFilters) {
    for await (const page of this.all.pages(owner, filters)) {
      yield page.map(exportRecord);
    }
  }

  private async find(organisation: Organisation, given: string): Promise<Response> {
    const id = wholeNumber(given);
    const response = id === null ? null : await this.em.findOne(Response, { id, organisationId: organisation.id });
    if (!response) {
      throw notFound('This response');
    }
    return response;
  }

  private async choices(owner: ListOwner): Promise<Choices> {
    const ofOwner = { organisationId: owner.id };
    const byName = { orderBy: { name: 'asc' } } as const;
    return {
      groups: await this.em.find(SupportGroup, ofOwner, byName),
      segments: await this.em.find(Segment, ofOwner, byName),
      agents: await this.list.recentAgents(owner),
    };
  }
}

function ownerOf({ id, timeZone }: Organisation): ListOwner {
  return { id, timeZone: knownZone(timeZone) };
}

/** What was exported, for the audit trail. */
function detailsOf({ before: _before, after: _after, q, ...narrowing }: ResponseFilters) {
  return { ...narrowing, ...(q === undefined ? {} : { text: q }) };
}

const NOTHING: ResponsePage = {
  responses: [],
  count: { number: 0, atLeast: false },
  hasNewer: false,
  hasOlder: false,
};
