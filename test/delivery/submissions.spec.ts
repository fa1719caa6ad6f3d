import { jest } from '@jest/globals';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { Invitation } from '../../src/invitations/invitation.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, deliveriesAbout } from '../support/deliveries.js';
import { asOwner } from '../support/database.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver } from '../support/receivers.js';

/** Nothing is sent there: whoever looks on delivers nothing. */
const NOWHERE = 'http://127.0.0.1:9/';

let database: TestDatabase;
/** Dispatches only when it is told to, so that nothing happens beside the test. */
let onlooker: TestWorker;
let organisation: TestOrganisation;
let invitation: Invitation;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  await onlooker.pool.query('delete from event_pending');
  await onlooker.pool.query('delete from due_attempt');
  organisation = await buildOrganisation(onlooker, NOWHERE);
  invitation = await buildInvitation(onlooker, organisation.survey);
});

describe('an answer and its event', () => {
  it('are saved together or not at all', async () => {
    const owner = asOwner(database);
    await owner(`alter table event_pending add constraint in_the_way check (consumer = '') not valid`);
    await expect(answer(onlooker, organisation.survey, invitation)).rejects.toThrow('in_the_way');
    expect(await counts()).toEqual({ responses: 0, submissions: 0, events: 0, pending: 0 });
    await owner('alter table event_pending drop constraint in_the_way');

    expect(await answer(onlooker, organisation.survey, invitation)).toBe('new');
    expect(await counts()).toEqual({ responses: 1, submissions: 1, events: 1, pending: 1 });
  });

  it('tell what changed', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const { rows } = await onlooker.pool.query(`select type, changed_fields from event where organisation_id = $1`, [
      organisation.organisation.id,
    ]);
    expect(rows).toEqual([
      { type: 'response.completed', changed_fields: ['status', 'overall', 'factors', 'comments', 'completedAt'] },
    ]);
  });

  it('of the same answers without a form id are two, because nothing tells them from a second opinion', async () => {
    await answer(onlooker, organisation.survey, invitation);
    await answer(onlooker, organisation.survey, invitation);
    expect(await counts()).toMatchObject({ responses: 1, submissions: 2, events: 2 });
  });

  it('reach the webhook of their own listening post and organisation only, in one dispatch too', async () => {
    const other = await buildOrganisation(onlooker, NOWHERE);
    const both = [organisation, other];
    const ids = both.map((one) => one.organisation.id);
    await onlooker.pool.query('update webhook set enabled = true where organisation_id = any($1)', [ids]);
    await answer(onlooker, organisation.survey, invitation);
    await answer(onlooker, other.survey, await buildInvitation(onlooker, other.survey));
    expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ events: 2, more: false });

    const { rows } = await onlooker.pool.query(
      `select webhook_id, organisation_id, listening_post, test from delivery where organisation_id = any($1)
        order by organisation_id`,
      [ids],
    );
    expect(rows).toEqual(
      both.map((one) => ({
        webhook_id: one.webhook.id,
        organisation_id: one.organisation.id,
        listening_post: 'transactional',
        test: false,
      })),
    );
  });
});

describe('the same ticket answered again', () => {
  it('within 30 days replaces the answer: same Response ID, new Webhook ID', async () => {
    const receiver = await startReceiver();
    const worker = await startWorker(database);
    try {
      await worker.pool.query('update webhook set request = jsonb_set(request, $2, to_jsonb($3::text)) where id = $1', [
        organisation.webhook.id,
        '{url}',
        receiver.url(),
      ]);
      expect(await answer(worker, organisation.survey, invitation, { overall: 2, comments: 'first' })).toBe('new');
      const response = await onlyResponse();
      await receiver.received(1);
      await moveBack(29.9);
      expect(await answer(worker, organisation.survey, invitation, { overall: 10, comments: 'second' })).toBe(
        'replaced',
      );
      await receiver.received(2);

      expect(await onlyResponse()).toBe(response);
      const [first, second] = receiver.requests.map((request) => JSON.parse(request.body.toString()));
      expect(first).toMatchObject({
        Response_ID: String(response),
        Overall: '2',
        Comments: 'first',
        Responsiveness: '-1',
      });
      expect(second).toMatchObject({
        Response_ID: String(response),
        Overall: '10',
        Comments: 'second',
        Responsiveness: '1',
      });
      expect(second.Webhook_ID).not.toBe(first.Webhook_ID);
      expect(second.Response_Datetime_UTC >= first.Response_Datetime_UTC).toBe(true);
      const ids = await deliveriesAbout(worker, organisation.webhook.id, response);
      expect(ids).toHaveLength(2);
      await Promise.all(ids.map((id) => attempted(worker, id, 1)));
    } finally {
      await worker.close();
      await receiver.close();
    }
  });

  it('after 30 days is a new response', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const first = await onlyResponse();
    await moveBack(31);

    expect(await answer(onlooker, organisation.survey, invitation, { overall: 1 })).toBe('new');

    const responses = await responseIds();
    expect(responses).toHaveLength(2);
    expect(responses).toContain(first);
    expect(await answer(onlooker, organisation.survey, invitation, { overall: 3 })).toBe('replaced');
    const { rows } = await onlooker.pool.query('select overall from response where invitation_id = $1 order by id', [
      invitation.id,
    ]);
    expect(rows).toEqual([{ overall: 9 }, { overall: 3 }]);
  });

  it('at the same moment, by several people, is still one response, with one event each', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((overall) => answer(onlooker, organisation.survey, invitation, { overall })),
    );

    expect(results.toSorted()).toEqual(['new', ...Array.from({ length: 5 }, () => 'replaced')]);
    expect(await counts()).toMatchObject({ responses: 1, submissions: 6, events: 6 });
  });

  it('by two hundred people at the same moment costs each of them no more than one alone', async () => {
    const run = jest.spyOn(onlooker.pool, 'run');
    try {
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          answer(onlooker, organisation.survey, invitation, { comments: `Person ${index}` }),
        ),
      );
      expect(results.filter((result) => result === 'new')).toHaveLength(1);
      expect(run).toHaveBeenCalledTimes(2 * 200);
    } finally {
      run.mockRestore();
    }
    expect(await counts()).toMatchObject({ responses: 1, submissions: 200, events: 200 });
  });

  it('while somebody is invited to it is one response, of what the invitation says', async () => {
    const ticketId = `${invitation.ticketId}-both`;
    const ticket = { ...invitation, ticketId, customerId: '' };
    const other = await startWorker(database, { PROCESS: 'web' });
    try {
      const [, ...results] = await Promise.all([
        buildInvitation(onlooker, organisation.survey, { ticketId }),
        answer(onlooker, organisation.survey, ticket, { overall: 1 }),
        answer(other, organisation.survey, ticket, { overall: 2 }),
      ]);
      expect(results.toSorted()).toEqual(['new', 'replaced']);
    } finally {
      await other.close();
    }
    expect(await counts()).toMatchObject({ responses: 1, submissions: 2, events: 2 });
    const { rows } = await onlooker.pool.query('select submissions, customer_id from invitation where ticket_id = $1', [
      ticketId,
    ]);
    expect(rows).toEqual([{ submissions: 2, customer_id: 'carole.customer' }]);
  });

  it('at the same moment, where nobody was invited before, is one invitation and one response', async () => {
    const { ticketId: _, ...ticket } = invitation;
    const uninvited = { ...ticket, ticketId: `${invitation.ticketId}-uninvited` };
    const results = await Promise.all(
      [1, 2, 3, 4].map((overall) => answer(onlooker, organisation.survey, uninvited, { overall })),
    );

    expect(results.toSorted()).toEqual(['new', 'replaced', 'replaced', 'replaced']);
    expect(await counts()).toMatchObject({ responses: 1, submissions: 4, events: 4 });
    const { rows } = await onlooker.pool.query('select submissions, customer_id from invitation where ticket_id = $1', [
      uninvited.ticketId,
    ]);
    expect(rows).toEqual([{ submissions: 4, customer_id: 'carole.customer' }]);
  });
});

describe('a form sent twice', () => {
  it('changes nothing the second time', async () => {
    expect(await answer(onlooker, organisation.survey, invitation, { overall: 4 }, 'form-1')).toBe('new');
    expect(await answer(onlooker, organisation.survey, invitation, { overall: 4 }, 'form-1')).toBe('repeated');

    expect(await counts()).toMatchObject({ responses: 1, submissions: 1, events: 1 });
    const { rows } = await onlooker.pool.query('select overall from response where id = $1', [await onlyResponse()]);
    expect(rows).toEqual([{ overall: 4 }]);
  });

  it('changes nothing either when both arrive at the same moment', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => answer(onlooker, organisation.survey, invitation, {}, 'form-1')),
    );

    expect(results.toSorted()).toEqual(['new', 'repeated', 'repeated', 'repeated']);
    expect(await counts()).toMatchObject({ responses: 1, submissions: 1, events: 1 });
  });

  it('with other answers is a change of mind, and takes the place of the first', async () => {
    await answer(onlooker, organisation.survey, invitation, { overall: 4 }, 'form-1');

    expect(await answer(onlooker, organisation.survey, invitation, { overall: 8 }, 'form-1')).toBe('replaced');
    expect(await counts()).toMatchObject({ responses: 1, submissions: 2, events: 2 });

    expect(await answer(onlooker, organisation.survey, invitation, { overall: 8 }, 'form-1')).toBe('repeated');
    expect(await counts()).toMatchObject({ responses: 1, submissions: 2, events: 2 });
  });

  it('is a new answer under another id', async () => {
    await answer(onlooker, organisation.survey, invitation, {}, 'form-1');

    expect(await answer(onlooker, organisation.survey, invitation, {}, 'form-2')).toBe('replaced');
  });
});

/** What this organisation has. */
async function counts(): Promise<Record<string, number>> {
  const { rows } = await onlooker.pool.query<Record<string, number>>(
    `select (select count(*) from response where organisation_id = $1) as responses,
            (select count(*) from submission where organisation_id = $1) as submissions,
            (select count(*) from event where organisation_id = $1) as events,
            (select count(*) from event_pending join event on event.id = event_id where organisation_id = $1) as pending`,
    [organisation.organisation.id],
  );
  return rows[0]!;
}

async function responseIds(): Promise<number[]> {
  const { rows } = await onlooker.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitation.id,
  ]);
  return rows.map((row) => row.id);
}

async function onlyResponse(): Promise<number> {
  const ids = await responseIds();
  expect(ids).toHaveLength(1);
  return ids[0]!;
}

async function moveBack(days: number): Promise<void> {
  await onlooker.pool.query(
    `update response set completed_at = completed_at - make_interval(secs => $2::float8 * 86400) where invitation_id = $1`,
    [invitation.id, days],
  );
}
