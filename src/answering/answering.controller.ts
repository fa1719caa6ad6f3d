import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Logger, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DatabasePool } from '../database/database-pool.js';
import { errorMessage } from '../database/system-error.js';
import { ResponseSubmitter, type Answers, type Submitted } from '../responses/submit-response.js';
import { isTicketLink, parseTicketLink, ticketLinkQuery, type TicketLink } from '../surveys/ticket-link.js';
import { problemOf } from '../web/error-problem.js';
import { linkParameters, rawQuery } from '../web/query.js';
import { Traces } from '../web/traces.js';
import { readForm, readScore, readTyped, type SentForm } from './answers-form.js';
import { findByTicketLink, findByToken, type Asked, type FoundLink } from './asked.js';
import { keptPage, surveyPage, thankYouPage, unavailablePage } from './survey-page.js';
import { surveyWording } from './survey-wording.js';

/** Where a survey is answered: the form posts to `action`, and the thank-you page lies at `thanks`. */
interface Place {
  action: string;
  thanks: string;
}

const UNTOUCHED = { factors: [], comments: '' };

/** The public survey page: show, submit, thank you; by an invitation's token or by a ticket system's own link. */
@Controller()
export class AnsweringController {
  constructor(
    private readonly em: EntityManager,
    private readonly database: DatabasePool,
    private readonly responses: ResponseSubmitter,
    private readonly traces: Traces,
  ) {}

  @Get('s/:token')
  async showInvitation(@Param('token') token: string, @Query('score') score: unknown, @Res() response: Response) {
    await this.show(await findByToken(this.database, token), tokenPlace(token), score, response);
  }

  @Post('s/:token')
  async answerInvitation(@Param('token') token: string, @Body() body: unknown, @Res() response: Response) {
    const place = tokenPlace(token);
    await keeping(place, body, response, async () => {
      await this.answer(await findByToken(this.database, token), place, body, response);
    });
  }

  @Get('s/:token/thank-you')
  async thankInvited(@Param('token') token: string, @Query('replaced') replaced: unknown, @Res() response: Response) {
    thank(await findByToken(this.database, token), tokenPlace(token), replaced, response);
  }

  /** A ticket system's own link lies at `/`; who comes without one wants the portal. */
  @Get()
  async showTicketOrPortal(@Req() request: Request, @Res() response: Response) {
    if (!isTicketLink(rawQuery(request))) {
      response.redirect('/dashboard');
      return;
    }
    await this.showTicket(request, response);
  }

  @Get('t')
  async showTicket(@Req() request: Request, @Res() response: Response) {
    const query = rawQuery(request);
    const link = parseTicketLink(query);
    const score = linkParameters(query).get('score');
    await this.show(await this.findTicket(link), ticketPlace(link), score, response);
  }

  @Post('t')
  async answerTicket(@Req() request: Request, @Body() body: unknown, @Res() response: Response) {
    const link = parseTicketLink(rawQuery(request));
    const place = ticketPlace(link);
    await keeping(place, body, response, async () => {
      await this.answer(await this.findTicket(link), place, body, response);
    });
  }

  @Get('t/thank-you')
  async thankTicket(@Req() request: Request, @Query('replaced') replaced: unknown, @Res() response: Response) {
    const link = parseTicketLink(rawQuery(request));
    thank(await this.findTicket(link), ticketPlace(link), replaced, response);
  }

  private async findTicket(link: TicketLink | null): Promise<FoundLink | { kind: 'bad_link' }> {
    return link ? findByTicketLink(this.database, link) : { kind: 'bad_link' };
  }

  private async show(found: Found, place: Place, score: unknown, response: Response): Promise<void> {
    if (found.kind !== 'asked') {
      return renderUnavailable(found.kind, response);
    }
    const typed = { ...UNTOUCHED, overall: readScore(score) };
    response.render('answering/show', await surveyPage(this.em, found.asked, place.action, typed));
  }

  private async answer(found: Found, place: Place, body: unknown, response: Response): Promise<void> {
    if (found.kind !== 'asked') {
      return renderUnavailable(found.kind, response);
    }
    const form = readForm(body, surveyWording(found.asked.language));
    if (form.kind === 'errors') {
      const page = await surveyPage(this.em, found.asked, place.action, form.typed, { errors: form.errors });
      response.status(422).render('answering/show', page);
      return;
    }
    try {
      const submitted = await this.submit(found.asked, form.answers, form.formId);
      response.redirect(303, submitted === 'replaced' ? withParameter(place.thanks, 'replaced=1') : place.thanks);
    } catch (error) {
      await this.askAgain(error, found.asked, place, form, response);
    }
  }

  /** The database took no answer, or did not say so: the person hears it, and what they typed is still there. */
  private async askAgain(error: unknown, asked: Asked, place: Place, form: SentForm, response: Response) {
    if (problemOf(error)?.code !== 'unavailable') {
      throw error;
    }
    tellUnsaved(error);
    const errors = [{ field: 'form' as const, message: surveyWording(asked.language).errors.notSaved }];
    const page = await surveyPage(this.em, asked, place.action, form.answers, { errors, formId: form.formId });
    response.status(503).render('answering/show', page);
  }

  private async submit(
    { survey, ticket, language }: Asked,
    answers: Answers,
    formId: string | null,
  ): Promise<Submitted> {
    return this.traces.request('submit survey', () =>
      this.responses.submit({ survey, ticket, language, answers, formId }),
    );
  }
}

const logger = new Logger('Answering');

/** For whoever operates this; what the answer was is nobody's in the log. */
function tellUnsaved(error: unknown): void {
  logger.warn(`An answer was not saved, and its customer asked to send it again: ${errorMessage(error)}`);
}

/** Where even the survey cannot be looked up, the person gets back all that they typed, to send it again. */
async function keeping(place: Place, body: unknown, response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (problemOf(error)?.code !== 'unavailable') {
      throw error;
    }
    tellUnsaved(error);
    const { typed, formId } = readTyped(body);
    response.status(503).render('answering/show', keptPage(place.action, typed, formId));
  }
}

type Found = FoundLink | { kind: 'bad_link' };

function thank(found: Found, place: Place, replaced: unknown, response: Response): void {
  if (found.kind !== 'asked') {
    return renderUnavailable(found.kind, response);
  }
  response.render('answering/thank-you', thankYouPage(found.asked, place.action, replaced === '1'));
}

function renderUnavailable(kind: Exclude<Found['kind'], 'asked'>, response: Response): void {
  const { status, view } = unavailablePage(kind);
  response.status(status).render('answering/unavailable', view);
}

function tokenPlace(token: string): Place {
  const action = `/s/${encodeURIComponent(token)}`;
  return { action, thanks: `${action}/thank-you` };
}

function ticketPlace(link: TicketLink | null): Place {
  const query = link ? ticketLinkQuery(link) : '';
  return { action: `/t?${query}`, thanks: `/t/thank-you?${query}` };
}

function withParameter(path: string, parameter: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${parameter}`;
}
