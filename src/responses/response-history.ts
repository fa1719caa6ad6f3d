import type { EntityManager } from '@mikro-orm/postgresql';
import { momentIn } from '../web/moment.js';
import { answerView } from './response-view.js';
import { Submission, type Response } from './response.entity.js';

/** The answers that later ones replaced, newest first, each with when it was given and when it was replaced. */
export async function earlierAnswers(em: EntityManager, { id, organisationId }: Response, timeZone: string) {
  const submissions = await em.find(Submission, { organisationId, responseId: id }, { orderBy: { id: 'asc' } });
  return submissions
    .slice(0, -1)
    .map((submission, index) => ({
      ...answerView(submission),
      givenAt: momentIn(timeZone, submission.submittedAt),
      replacedAt: momentIn(timeZone, submissions[index + 1]!.submittedAt),
    }))
    .toReversed();
}
