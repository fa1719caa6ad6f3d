import type supertest from 'supertest';
import { signIn, Visitor, type TestWeb } from './web.js';

/** A visitor whose requests come from an address; start the application with TRUSTED_PROXIES=loopback. */
export class RemoteVisitor extends Visitor {
  constructor(web: TestWeb, address: string) {
    super(web);
    this.agent.set('X-Forwarded-For', address);
  }

  signIn(email: string, password: string): Promise<supertest.Response> {
    return this.post('/sign-in', { email, password });
  }
}

/** One attempt from an address, in a browser of its own. */
export async function attemptFrom(
  web: TestWeb,
  address: string,
  { email, password }: { email: string; password: string },
): Promise<supertest.Response> {
  return new RemoteVisitor(web, address).signIn(email, password);
}

/** As if it had all happened that much earlier. */
export async function passTime(web: TestWeb, seconds: number): Promise<void> {
  await web.pool.query(
    `update sign_in_counter set counted_at = counted_at - make_interval(secs => $1),
                                told_at = told_at - make_interval(secs => $1)`,
    [seconds],
  );
}

export interface AuditedLine {
  action: string;
  actor_email: string | null;
  target: string | null;
  details: Record<string, unknown>;
  address: string | null;
}

/** An organisation's audit trail, oldest first. */
export async function auditTrail(web: TestWeb, organisationId: number): Promise<AuditedLine[]> {
  const { rows } = await web.pool.query<AuditedLine>(
    'select action, actor_email, target, details, address from audit_entry where organisation_id = $1 order by id',
    [organisationId],
  );
  return rows;
}

export { signIn };
