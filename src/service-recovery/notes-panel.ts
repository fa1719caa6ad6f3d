import type { EntityManager } from '@mikro-orm/postgresql';
import { Member } from '../accounts/member.entity.js';
import { momentIn } from '../web/moment.js';
import { Note } from './note.entity.js';

export interface NotedResponse {
  id: number;
  organisationId: number;
}

/**
 * What views/service-recovery/_panel.hbs shows: what members wrote beside a response, and the form for more.
 *
 * @param page where the form's answer leads back to
 */
export async function notesPanel(
  em: EntityManager,
  response: NotedResponse,
  timeZone: string,
  page: 'notes' | 'response',
) {
  return {
    notes: await notesOf(em, response, timeZone),
    action: '/service-recovery-notes',
    responseId: response.id,
    page,
  };
}

async function notesOf(em: EntityManager, { id, organisationId }: NotedResponse, timeZone: string) {
  const notes = await em.find(Note, { organisationId, responseId: id }, { orderBy: { id: 'asc' } });
  const authors = await em.find(Member, { organisationId, id: { $in: notes.map((note) => note.authorId) } });
  const names = new Map(authors.map((author) => [author.id, author.name || author.email]));
  return notes.map((note) => ({
    author: names.get(note.authorId) ?? 'A former member',
    writtenAt: momentIn(timeZone, note.createdAt),
    text: note.text,
  }));
}
