import { setTimeout as sleep } from 'node:timers/promises';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, attemptsOf, deliveryOf, newDelivery } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type Answer, type Receiver } from '../support/receivers.js';

const KIB_64 = 64 * 1024;
const AT_ONCE = 12;

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  organisation = await buildOrganisation(worker, receiver.url('/hook'));
});
afterEach(() => receiver.close());

/** Of a length that depends on the number; some have none. */
function bodyFor(webhookId: string): string {
  return webhookId.repeat(Number.parseInt(webhookId, 16) % 4);
}

describe('a reply', () => {
  it('is kept as it came, U+0000 and invalid UTF-8 included', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a\0b'),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from('€'),
    ]);
    const id = await answered(answers.with(200, bytes));

    expect(await replyOf(id)).toMatchObject({ body: bytes, reply_truncated: false, status: 200 });
    const { last_response: shown } = await deliveryOf(worker, id);
    expect(shown.startsWith('a\uFFFDb')).toBe(true);
    expect(shown.endsWith('€')).toBe(true);
  });

  it('is kept to 64 KiB, and its first 100 characters stand in the list', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => String(index).padStart(5, '0')).join('');
    const id = await answered(answers.with(200, text));

    const { body, reply_truncated: isTruncated } = await replyOf(id);
    expect(body.toString()).toBe(text.slice(0, KIB_64));
    expect(isTruncated).toBe(true);
    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', last_response: text.slice(0, 100) });
  });

  it('is cut by characters in the list, not by bytes or halves of them', async () => {
    const id = await answered(answers.with(200, '🎉'.repeat(150)));

    expect((await deliveryOf(worker, id)).last_response).toBe('🎉'.repeat(100));
  });

  it('is kept although the limit falls within a character', async () => {
    const text = '€'.repeat(30_000);
    const id = await answered(answers.with(200, text));

    expect((await replyOf(id)).body).toEqual(Buffer.from(text).subarray(0, KIB_64));
  });

  it('without a body has none', async () => {
    const id = await answered(200);

    expect(await replyOf(id)).toMatchObject({ body: null, reply_truncated: false });
    expect(await deliveryOf(worker, id)).toMatchObject({ last_response: '' });
  });

  it('goes to its own attempt, when many come at the same moment, some without a body', async () => {
    // All that came within a fifth of a second get their answers in the same tick.
    let moment: Promise<unknown> | undefined;
    receiver.answer = async (request, response) => {
      await (moment ??= sleep(200).then(() => (moment = undefined)));
      response.end(bodyFor(String(request.headers['webhook-id'])));
    };
    const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => newDelivery(worker, organisation)));
    await Promise.all(ids.map((id) => attempted(worker, id, 1)));

    const bodies = await Promise.all(ids.map(async (id) => (await replyOf(id)).body?.toString() ?? ''));
    expect(bodies).toEqual(ids.map((id) => bodyFor(webhookIdOf(id))));
    expect(new Set(bodies.map(({ length }) => length)).size).toBeGreaterThan(2);
  });

  it('keeps its headers, with bytes that are no UTF-8, and without the cookies it sets', async () => {
    const id = await answered(
      answers.raw(
        Buffer.from(
          'HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe"\\\r\nSet-Cookie: session=hunter2\r\ncontent-length: 0\r\n\r\n',
          'latin1',
        ),
      ),
    );

    const { reply_headers: headers } = await replyOf(id);
    expect(JSON.parse(headers)).toEqual([
      ['X-Odd', 'ÿþ"\\'],
      ['Set-Cookie', '•••'],
      ['content-length', '0'],
    ]);
  });
});

describe('no reply', () => {
  it.each([
    ['reset', answers.reset()],
    ['invalid_reply', answers.garbage()],
  ])('is recorded as %s, in words, without a code', async (outcome, answer) => {
    const id = await answered(answer);

    const [attempt] = await attemptsOf(worker, id);
    expect(attempt).toMatchObject({ outcome, response_code: null });
    expect(attempt!.message).not.toBe('');
    expect(await deliveryOf(worker, id)).toMatchObject({ last_response_code: null, last_response: '' });
  });

  it('is recorded as a timeout when the deadline passes', async () => {
    await worker.pool.query(`update webhook set policy = policy || '{"timeoutSeconds": 1}' where id = $1`, [
      organisation.webhook.id,
    ]);
    const id = await answered(answers.hang());

    expect(await attemptsOf(worker, id)).toMatchObject([{ outcome: 'timeout', response_code: null }]);
  });

  it('is recorded as a timeout when a reply’s headers never end', async () => {
    await worker.pool.query(`update webhook set policy = policy || '{"timeoutSeconds": 1}' where id = $1`, [
      organisation.webhook.id,
    ]);
    const id = await answered(answers.dripHeaders());

    expect(await attemptsOf(worker, id)).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('is recorded as refused when nobody listens', async () => {
    await receiver.close();
    const id = await answered(200);

    expect(await attemptsOf(worker, id)).toMatchObject([{ outcome: 'refused' }]);
  });
});

async function answered(answer: Answer): Promise<number> {
  receiver.answer = answer;
  const id = await newDelivery(worker, organisation);
  await attempted(worker, id, 1);
  return id;
}

interface ReplyRow {
  status: number;
  reply_headers: string;
  reply_truncated: boolean;
  body: Buffer;
}

async function replyOf(id: number): Promise<ReplyRow> {
  const { rows } = await worker.pool.query<ReplyRow & Record<string, unknown>>(
    `select status, reply_headers, reply_truncated, body
       from exchange left join reply_body using (delivery_id, attempt_number, position) where delivery_id = $1`,
    [id],
  );
  return rows[0]!;
}
