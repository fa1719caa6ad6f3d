import type { EntityManager } from '@mikro-orm/postgresql';
import { Member } from '../accounts/member.entity.js';
import { namesOf } from '../directory/code-names.js';
import { responseSnapshot, type ResponseSnapshot } from '../responses/response-snapshot.js';
import type { Response } from '../responses/response.entity.js';
import { Note } from './note.entity.js';

/** What views/service-recovery/notes.hbs shows: a response in full, and what members wrote beside it. */
export async function notesView(em: EntityManager, response: Response) {
  const names = await namesOf(em, response.organisationId, response);
  return {
    response: responseView(responseSnapshot(response, names), response.completedAt),
    notes: await notesOf(em, response),
    action: '/service-recovery-notes',
  };
}

function responseView(snapshot: ResponseSnapshot, answeredAt: Date) {
  const { factors, band } = snapshot;
  return {
    id: snapshot.responseId,
    ticketId: snapshot.ticketId,
    customer: customerOf(snapshot),
    supportGroup: named(snapshot.supportGroupName, snapshot.supportGroupCode),
    agent: snapshot.agentId,
    segment: named(snapshot.segmentName, snapshot.segmentCode),
    segment2: named(snapshot.segment2Name, snapshot.segment2Code),
    survey: `${snapshot.surveyDescription} (${snapshot.surveyLanguage})`,
    answeredAt,
    overall: snapshot.overall,
    bandLabel: band,
    factors: factors.map((label) => ({ label, positive: band === 'promoter' })),
    comments: snapshot.comments,
  };
}

/** `Carole Customer, carole.customer, carole@example.com`: as much as is known. */
function customerOf({ customerName, customerId, customerEmail }: ResponseSnapshot): string {
  return [...new Set([customerName, customerId, customerEmail])].filter((part) => part !== '').join(', ');
}

/** A code that matches nothing stands alone; having no segment is no code. */
function named(name: string, code: string): string {
  return name === '' || code === '' || code === 'NONE' ? name || code : `${name} (${code})`;
}

async function notesOf(em: EntityManager, { id, organisationId }: Response) {
  const notes = await em.find(Note, { organisationId, responseId: id }, { orderBy: { id: 'asc' } });
  const authors = await em.find(Member, { organisationId, id: { $in: notes.map((note) => note.authorId) } });
  const names = new Map(authors.map((author) => [author.id, author.name || author.email]));
  return notes.map((note) => ({
    author: names.get(note.authorId) ?? 'A former member',
    writtenAt: note.createdAt,
    text: note.text,
  }));
}
