import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { lastUse } from '../web/sessions.js';

/** One place where a member is signed in. */
export interface MemberSession {
  /** Names the session on a page without giving away its id. */
  handle: string;
  signedInAt: Date;
  lastSeenAt: Date;
  address: string;
  browser: string;
  current: boolean;
}

interface SessionRow {
  sid: string;
  signed_in_at: number | null;
  expire: Date | string;
  address: string | null;
  browser: string | null;
}

/** Of those that have not run out; the one that asks first, then the last used. */
export async function sessionsOf(
  em: EntityManager,
  memberId: number,
  currentSid: string | null,
): Promise<MemberSession[]> {
  const rows = await em.execute<SessionRow[]>(
    `select sid, (sess ->> 'signedInAt')::float8 as signed_in_at, expire,
            sess ->> 'address' as address, sess ->> 'browser' as browser
       from session where member_id = ? and expire > clock_timestamp() order by sid = ? desc, expire desc`,
    [memberId, currentSid ?? ''],
  );
  return rows.map((row) => ({
    handle: handleOf(row.sid),
    signedInAt: new Date(row.signed_in_at ?? 0),
    lastSeenAt: row.sid === currentSid ? new Date() : lastUse(new Date(row.expire)),
    address: row.address ?? 'unknown',
    browser: row.browser ?? 'Unknown browser',
    current: row.sid === currentSid,
  }));
}

/** @returns the session that was ended; null when it has ended already, or never was this member's */
export async function endSession(em: EntityManager, memberId: number, handle: string): Promise<MemberSession | null> {
  const found = (await sessionsOf(em, memberId, null)).find((session) => session.handle === handle);
  if (!found) {
    return null;
  }
  const ended = await em.execute(
    `delete from session where member_id = ? and encode(sha256(convert_to(sid, 'UTF8')), 'hex') like ? returning sid`,
    [memberId, `${handle}%`],
  );
  return ended.length > 0 ? found : null;
}

/** @param exceptSid a session to keep; null ends all @returns how many were ended */
export async function endSessions(em: EntityManager, memberId: number, exceptSid: string | null): Promise<number> {
  const ended = await em.execute('delete from session where member_id = ? and sid <> ? returning sid', [
    memberId,
    exceptSid ?? '',
  ]);
  return ended.length;
}

function handleOf(sid: string): string {
  return createHash('sha256').update(sid, 'utf8').digest('hex').slice(0, 32);
}
