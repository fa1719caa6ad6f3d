import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Keyring } from '../config/keyring.js';
import { Survey } from '../surveys/survey.entity.js';
import { parse } from '../web/parse.js';
import { invalidField } from '../web/problem.js';
import { invitationSchema } from './invitation.schema.js';
import { invite, type Invited } from './invite.js';

/** Inviting the customer of a ticket, for the page and the API alike. */
@Injectable()
export class InviteCustomer {
  constructor(
    private readonly em: EntityManager,
    private readonly keyring: Keyring,
  ) {}

  /**
   * @param also what else stands or falls with it, in the same transaction
   * @throws Problem 422 naming the field that is wrong
   */
  async invite(
    organisationId: number,
    input: unknown,
    also: (em: EntityManager, invited: Invited) => Promise<void> = async () => undefined,
  ): Promise<Invited & { survey: Survey }> {
    const { survey: surveyCode, customer, ...details } = parse(invitationSchema, input);
    const survey = await this.surveyFor(organisationId, surveyCode);
    return this.em.transactional(async (em) => {
      const given = withoutUndefined({ ...details, customerId: customer });
      const invited = await invite(em, this.keyring, survey, given);
      await also(em, invited);
      return { ...invited, survey };
    });
  }

  private async surveyFor(organisationId: number, code: string | undefined): Promise<Survey> {
    const surveys = await this.em.find(
      Survey,
      { organisationId, listeningPost: 'transactional', ...(code === undefined ? {} : { code }) },
      { limit: 2 },
    );
    if (surveys.length === 1) {
      return surveys[0]!;
    }
    throw code === undefined
      ? invalidField('survey', 'survey: name the survey by its code (see GET /api/v1/surveys).')
      : invalidField('survey', `survey: there is no transactional survey with the code "${code}".`);
  }
}

/** What a request leaves out must not overwrite what is there. */
function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
