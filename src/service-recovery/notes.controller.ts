import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response as Reply } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentMember, CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Member } from '../accounts/member.entity.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { namesOf } from '../directory/code-names.js';
import { responseView } from '../responses/response-view.js';
import { Response } from '../responses/response.entity.js';
import { flash, portalPage } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { knownZone } from '../web/time-zone.js';
import { wholeNumber } from '../web/whole-number.js';
import { Note } from './note.entity.js';
import { readNoteText } from './note-text.js';
import { notesPanel } from './notes-panel.js';

/** Where the payload's SR_Notes_URL leads: one response, and what members write beside it. */
@Controller('service-recovery-notes')
@UseGuards(SignedInGuard)
export class NotesController {
  constructor(private readonly em: EntityManager) {}

  @Get()
  @Render('service-recovery/notes')
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Query('id') id: unknown,
    @Req() request: AccountRequest,
  ) {
    return this.page(request, await this.find(organisation, id));
  }

  @Post()
  async create(
    @CurrentOrganisation() organisation: Organisation,
    @CurrentMember() member: Member,
    @Body() body: { id?: unknown; text?: unknown; page?: unknown } | undefined,
    @Req() request: AccountRequest,
    @Res() reply: Reply,
  ): Promise<void> {
    const response = await this.find(organisation, body?.id);
    const note = readNoteText(body?.text);
    if (note.kind === 'error') {
      const typed = { noteError: note.error, noteText: note.typed };
      reply.status(422).render('service-recovery/notes', await this.page(request, response, typed));
      return;
    }
    await this.em.transactional(async (em) => {
      em.create(Note, {
        organisationId: organisation.id,
        responseId: response.id,
        authorId: member.id,
        text: note.text,
      });
      await audit(em, { ...actOf(request), action: 'note.added', target: `Response ${response.id}` });
    });
    flash(request, 'success', 'Note added.');
    const page = body?.page === 'response' ? `/responses/${response.id}` : `/service-recovery-notes?id=${response.id}`;
    reply.redirect(303, page);
  }

  private async page(request: AccountRequest, response: Response, typed: object = {}) {
    const names = await namesOf(this.em, response.organisationId, response);
    const timeZone = knownZone(request.organisation!.timeZone);
    return {
      ...portalPage(request, titleOf(response), null),
      response: responseView(response, names, timeZone),
      notes: { ...(await notesPanel(this.em, response, timeZone, 'notes')), ...typed },
    };
  }

  private async find(organisation: Organisation, given: unknown): Promise<Response> {
    const id = wholeNumber(given);
    const response = id === null ? null : await this.em.findOne(Response, { id, organisationId: organisation.id });
    if (!response) {
      throw notFound('This response');
    }
    return response;
  }
}

function titleOf({ ticketId, id }: Response): string {
  return `Service recovery: ${ticketId ? `ticket ${ticketId}` : `response ${id}`}`;
}
