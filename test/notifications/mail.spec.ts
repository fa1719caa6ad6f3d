import { MailQueue, type NewMail } from '../../src/notifications/mail-queue.js';
import { MailSender } from '../../src/notifications/mail-sender.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { startMailReceiver, type MailReceiver } from '../support/mail-receiver.js';
import { buildBareOrganisation } from '../support/web.js';

let database: TestDatabase;
let receiver: MailReceiver;
/** Two that send nothing by themselves. */
let workers: TestWorker[];
let organisationId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startMailReceiver();
  const variables = { PROCESS: 'web', SMTP_URL: receiver.url, MAIL_FROM: 'answerback@example.com' };
  workers = await Promise.all([1, 2].map(() => startWorker(database, variables)));
  organisationId = (await buildBareOrganisation(workers[0]!)).id;
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.close()));
  await receiver?.close();
  await database?.drop();
});
beforeEach(async () => {
  await workers[0]!.pool.query('delete from mail');
  receiver.mails.length = 0;
  receiver.asked.length = 0;
  receiver.refusal = null;
});

describe('a mail', () => {
  it('arrives as it was written, once, whichever process sends it', async () => {
    await queue({
      to: ['ada@example.com', 'bob@example.com'],
      subject: 'Off: “Tickets” – naïve',
      body: 'Grüße,\n\n.\nend\n',
    });
    await Promise.all([sender(0).sendAll(), sender(1).sendAll()]);

    expect(receiver.mails.map(({ to }) => to).toSorted()).toEqual(['ada@example.com', 'bob@example.com']);
    const { mail } = receiver.mails[0]!;
    expect(mail.from).toMatchObject({ name: 'Answerback', address: 'answerback@example.com' });
    expect(mail.subject).toBe('Off: “Tickets” – naïve');
    expect(mail.text?.trimEnd()).toBe('Grüße,\n\n.\nend');
    expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
    expect(await mails()).toMatchObject([
      { status: 'sent', tries: 1 },
      { status: 'sent', tries: 1 },
    ]);
  });

  it('is queued with what it tells of, or not at all', async () => {
    const em = workers[0]!.orm.em.fork();
    const failing = em.transactional(async (tx) => {
      await workers[0]!.context.get(MailQueue).add(tx, { ...sample, organisationId });
      throw new Error('Something else failed.');
    });
    await expect(failing).rejects.toThrow('Something else failed.');
    expect(await mails()).toEqual([]);
  });

  it('cannot be given more headers, or more recipients, by what people wrote', async () => {
    await queue({ ...sample, subject: 'One\r\nBcc: eve@example.com\r\n\r\nTwo' });
    await sender(0).sendAll();
    expect(receiver.asked).toEqual(['ada@example.com']);
    expect(receiver.mails[0]!.mail.bcc ?? []).toEqual([]);
    expect(receiver.mails[0]!.mail.text?.trimEnd()).toBe('Something happened.');
  });

  it('that the server does not take now is tried again later, under the same Message-ID', async () => {
    receiver.refusal = { code: 451, words: 'Try again later' };
    await queue(sample);
    await sender(0).sendAll();
    expect(await mails()).toMatchObject([
      { status: 'waiting', tries: 1, wait: 60, last_error: expect.stringContaining('Try again later') },
    ]);

    receiver.refusal = null;
    await sender(0).sendAll();
    expect(receiver.mails).toHaveLength(0);
    await comeDue();
    await sender(1).sendAll();
    const { id } = (await mails())[0]!;
    expect(receiver.mails[0]!.mail.messageId).toBe(`<mail-${id}@localhost>`);
    expect(await mails()).toMatchObject([{ status: 'sent', tries: 2, last_error: null }]);
  });

  it('that the server refuses for good is given up, and so is one that failed six times', async () => {
    receiver.refusal = { code: 550, words: 'No such user' };
    await queue(sample);
    await sender(0).sendAll();
    expect(await mails()).toMatchObject([
      { status: 'failed', tries: 1, last_error: expect.stringContaining('No such') },
    ]);

    await workers[0]!.pool.query('delete from mail');
    receiver.refusal = { code: 421, words: 'Busy' };
    await queue(sample);
    const waits = [];
    for (let tries = 0; tries < 6; tries += 1) {
      await sender(0).sendAll();
      waits.push((await mails())[0]!.wait);
      await comeDue();
    }
    expect(waits.slice(0, 5)).toEqual([60, 300, 1_800, 7_200, 21_600]);
    expect(await mails()).toMatchObject([{ status: 'failed', tries: 6 }]);
    await sender(0).sendAll();
    expect(receiver.asked).toHaveLength(7);
  });

  it('waits while there is no server at all', async () => {
    const nowhere = await startWorker(database, {
      PROCESS: 'web',
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'answerback@example.com',
    });
    try {
      await queue(sample);
      await nowhere.context.get(MailSender).sendAll();
      expect(await mails()).toMatchObject([{ status: 'waiting', last_error: expect.stringContaining('ECONNREFUSED') }]);
    } finally {
      await nowhere.close();
    }
  });

  it('is forgotten 30 days after it was sent, and not before', async () => {
    await queue({ ...sample, to: ['ada@example.com', 'bob@example.com', 'cyd@example.com'] });
    await workers[0]!.pool.query(
      `update mail set status = case recipient when 'cyd@example.com' then 'waiting' else 'sent' end, due_at = now() + interval '1 day',
              ended_at = case recipient when 'ada@example.com' then now() - interval '31 days'
                                        when 'bob@example.com' then now() - interval '29 days' end`,
    );
    const fresh = await startWorker(database, { PROCESS: 'web', SMTP_URL: receiver.url, MAIL_FROM: 'a@example.com' });
    await fresh.context.get(MailSender).sendAll();
    await fresh.close();
    expect((await mails()).map(({ recipient }) => recipient)).toEqual(['bob@example.com', 'cyd@example.com']);
  });

  it('is not kept where no server is set', async () => {
    const silent = await startWorker(database, { PROCESS: 'web' });
    await silent.orm.em
      .fork()
      .transactional((em) => silent.context.get(MailQueue).add(em, { ...sample, organisationId }));
    await silent.close();
    expect(await mails()).toEqual([]);
  });
});

const sample = { to: ['ada@example.com'], subject: 'Something', body: 'Something happened.\n' };

function sender(index: number): MailSender {
  return workers[index]!.context.get(MailSender);
}

async function queue(mail: Omit<NewMail, 'organisationId'>): Promise<void> {
  await workers[0]!.orm.em
    .fork()
    .transactional((em) => workers[0]!.context.get(MailQueue).add(em, { ...mail, organisationId }));
}

async function comeDue(): Promise<void> {
  await workers[0]!.pool.query('update mail set due_at = clock_timestamp()');
}

interface QueuedMail {
  id: number;
  recipient: string;
  status: string;
  tries: number;
  last_error: string | null;
  /** Seconds until it is due, rounded up to whole tens. */
  wait: number;
}

async function mails(): Promise<QueuedMail[]> {
  const { rows } = await workers[0]!.pool.query<QueuedMail & Record<string, unknown>>(
    `select id, recipient, status, tries, last_error,
            (ceil(extract(epoch from due_at - clock_timestamp()) / 10) * 10)::integer as wait
       from mail order by id`,
  );
  return rows;
}
