import { momentIn } from '../web/moment.js';

/** What its receiver did: it answered 410 Gone, or nothing has succeeded for days. */
export type TroubleKind = 'gone' | 'failing';

/** Where it is seen and switched on again. */
export function webhookPath({ id, preset }: { id: number; preset?: string | null }): string {
  return preset ? '/preferences/integration' : `/webhooks/${id}`;
}

/** A sentence of what is the matter. @param since of the first failure, where it is known */
export function troubleSentence(kind: TroubleKind, since: Date | null, timeZone: string): string {
  if (kind === 'gone') {
    return 'Its receiver answered 410 Gone: it wants no more calls.';
  }
  return since === null
    ? 'Every attempt of several days failed.'
    : `Every attempt since ${momentIn(timeZone, since).text} failed.`;
}
