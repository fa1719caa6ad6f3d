import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { parse } from '../web/parse.js';
import { flash, portalPage } from '../web/portal-page.js';
import { notFound, type FieldProblem } from '../web/problem.js';
import { commonLanguages, languageName } from './language.js';
import { Survey } from './survey.entity.js';
import { surveyTextsSchema } from './survey.schema.js';
import { ticketLinkTemplate } from './ticket-link.js';

type Texts = Pick<Survey, 'description' | 'language' | 'thankYouText'>;

/** A survey whose form could not be saved. */
interface Refused {
  code: string;
  typed: Texts;
  errors: FieldProblem[];
}

const EDITORS: readonly string[] = ['admin', 'developer'];

/** What customers read in a transactional survey, and the link that a ticket system builds to it. */
@Controller('surveys')
@UseGuards(SignedInGuard, RolesGuard)
export class SurveysPageController {
  constructor(
    private readonly em: EntityManager,
    private readonly environment: Environment,
  ) {}

  @Get()
  @Render('surveys/index')
  async index(@Req() request: AccountRequest) {
    return this.view(request, null);
  }

  @Post(':code')
  @Roles('admin', 'developer')
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Param('code') code: string,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      await this.em.transactional(async (em) => {
        const survey = await em.findOne(Survey, {
          organisationId: organisation.id,
          listeningPost: 'transactional',
          code,
        });
        if (!survey) {
          throw notFound('This survey');
        }
        em.assign(survey, parse(surveyTextsSchema, body));
        await audit(em, { ...actOf(request), action: 'survey.changed', target: survey.description });
      });
      flash(request, 'success', 'Saved. Whoever opens the survey from now on reads it.');
      response.redirect(303, '/surveys');
    } catch (error) {
      const typed = asTyped(body, ['description', 'language', 'thankYouText']);
      const view = await this.view(request, { code, typed, errors: formErrors(error) });
      response.status(422).render('surveys/index', view);
    }
  }

  private async view(request: AccountRequest, refused: Refused | null) {
    const organisation = request.organisation!;
    // A fork, because a form that was refused must not show what it failed to change as if it were saved.
    const surveys = await this.em
      .fork()
      .find(Survey, { organisationId: organisation.id, listeningPost: 'transactional' }, { orderBy: { id: 'asc' } });
    return {
      ...portalPage(request, 'Surveys', 'surveys'),
      mayEdit: EDITORS.includes(request.member!.role),
      languages: commonLanguages,
      surveys: surveys.map((survey) => ({
        id: `survey-${survey.id}`,
        code: survey.code,
        title: survey.description,
        action: `/surveys/${encodeURIComponent(survey.code)}`,
        languageName: languageName(survey.language),
        link: ticketLinkTemplate(this.environment.baseUrl, survey.code, organisation.portalCode),
        ...formOf(survey, refused),
      })),
    };
  }
}

function formOf({ code, description, language, thankYouText }: Survey, refused: Refused | null) {
  return refused?.code === code
    ? { fields: refused.typed, errors: refused.errors }
    : { fields: { description, language, thankYouText }, errors: [] };
}
