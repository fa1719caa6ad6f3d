import { createHash } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { storableText } from '../database/storable-text.js';
import { countedAddress } from './address.js';
import { levelNow, limits, waitSeconds, type Bucket, type Level } from './sign-in-limits.js';

/** Whose password is tried from where. */
export interface Attempt {
  email: string;
  address: string;
}

/**
 * Slows down whoever guesses passwords, and nobody else. Three buckets leak over time, and each failure adds one drop
 * to each of them (sign-in-limits.ts has the numbers):
 *
 * - **pair**, the account from this address: after a few failures the waits grow. It always holds.
 * - **account**, from everywhere: against many machines that each try a little. It asks for short waits only, and
 *   never of an address that has not failed at this account lately, so that nobody who only knows an e-mail can lock
 *   its owner out.
 * - **address**, whatever the account: against one machine that tries one password on many accounts.
 *
 * From an address where the account was signed in to before, only the pair counts: colleagues behind one address do
 * not suffer from each other, nor an owner from strangers.
 *
 * Everything is keyed by what was typed, whether there is such a member or not, so that an unknown e-mail is throttled
 * like a known one. It is counted in PostgreSQL, before the password is looked at: attempts that come at the same
 * time, also to several processes, cannot all pass under the same count. What has to wait counts nothing; hammering
 * does not make the wait longer.
 */
@Injectable()
export class SignInThrottle {
  private readonly logger = new Logger(SignInThrottle.name);

  constructor(private readonly em: EntityManager) {}

  /** Counts the attempt as a failure until succeed() says otherwise. @returns seconds to wait; 0 lets it pass */
  async admit(attempt: Attempt): Promise<number> {
    return this.em.fork().transactional(async (em) => {
      const keys = keysOf(await canonical(em, attempt));
      const levels = await lockLevels(em, keys);
      const wait = waitSeconds(levels, await isKnown(em, keys.pair));
      if (wait === 0) {
        await addDrops(em, keys, levels);
      } else {
        this.logger.warn(`Too many wrong passwords: ${attempt.address} has to wait ${wait} s.`);
      }
      return wait;
    });
  }

  /**
   * Takes back what admit() counted, forgets the pair's failures and remembers the address; for the caller's
   * transaction. The other buckets keep their drops: an attacker with an account could empty them otherwise.
   * @returns failures that the audit trail has not told of
   */
  async succeed(em: EntityManager, attempt: Attempt): Promise<number> {
    const keys = keysOf(await canonical(em, attempt));
    // In the order of lockLevels, or two sign-ins could wait for each other.
    const [own] = await em.execute<{ untold: number }[]>(
      `with locked as (select key, untold from sign_in_counter where key = any(array[?, ?, ?]::bytea[]) order by key for update),
            emptied as (
              update sign_in_counter c
                 set level = case when c.key = ? then 0 else greatest(0, c.level - 1) end,
                     untold = case when c.key = ? then 0 else c.untold end
                from locked where locked.key = c.key)
       select untold from locked where key = ?`,
      [keys.pair, keys.account, keys.address, keys.pair, keys.account, keys.account],
    );
    await em.execute(
      `insert into sign_in_address (key) values (?) on conflict (key) do update set last_used_at = clock_timestamp()`,
      [keys.pair],
    );
    return own?.untold ?? 0;
  }

  /**
   * Tells the audit trail of the member's organisation, if there is such a member: the first failure at once, later
   * ones together, at most once in five minutes. Both cases are one statement, so that time tells nothing.
   */
  async fail(attempt: Attempt): Promise<void> {
    // Also for an e-mail that nobody has; not which one, since people type passwords there.
    this.logger.warn(`A password was wrong, from ${attempt.address}.`);
    const em = this.em.fork();
    await em.transactional(async () => {
      const { email } = await canonical(em, attempt);
      await em.execute(
        `with found as (
           select key, untold + 1 as failures,
                  (told_at is null or told_at < clock_timestamp() - interval '5 minutes') as due
             from sign_in_counter where key = ? for update),
         counted as (
           update sign_in_counter c
              set untold = case when found.due then 0 else found.failures end,
                  told_at = case when found.due then clock_timestamp() else c.told_at end
             from found where found.key = c.key)
         insert into audit_entry (organisation_id, action, target, details, address)
         select member.organisation_id, 'sign_in.failed', member.email,
                jsonb_build_object('failures', found.failures), ?
           from found join member on lower(member.email) = ? and member.removed_at is null
          where found.due`,
        [keyOf('account', email), attempt.address, email],
      );
    });
  }

  /** A bucket is empty after two days whatever it held; an address is forgotten after a quarter of a year. */
  @Cron(CronExpression.EVERY_DAY_AT_4AM)
  async forget(): Promise<void> {
    try {
      const em = this.em.fork();
      await em.execute(`delete from sign_in_counter where counted_at < clock_timestamp() - interval '2 days'`);
      await em.execute(`delete from sign_in_address where last_used_at < clock_timestamp() - interval '90 days'`);
    } catch (error) {
      this.logger.error(`Old sign-in counters could not be deleted: ${(error as Error).message}`);
    }
  }
}

type Keys = Record<Bucket, Buffer>;

/** PostgreSQL compares e-mails, so that it has to say which spellings are the same one. */
async function canonical(em: EntityManager, { email, address }: Attempt): Promise<Attempt> {
  const [row] = await em.execute<[{ email: string }]>('select lower(?) as email', [storableText(email).trim()]);
  return { email: row.email, address: countedAddress(address) };
}

function keysOf({ email, address }: Attempt): Keys {
  return {
    pair: keyOf('pair', email, address),
    account: keyOf('account', email),
    address: keyOf('address', address),
  };
}

function keyOf(...parts: string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/** Always in the order of the keys, so that two attempts never wait for each other. */
async function lockLevels(em: EntityManager, keys: Keys): Promise<Record<Bucket, Level>> {
  const all = Object.values(keys).toSorted((a, b) => Buffer.compare(a, b));
  await em.execute(`insert into sign_in_counter (key) values (?), (?), (?) on conflict do nothing`, all);
  const rows = await em.execute<{ key: string; level: number; age: number }[]>(
    `select encode(key, 'hex') as key, level, extract(epoch from clock_timestamp() - counted_at)::float8 as age
       from sign_in_counter where key = any(array[?, ?, ?]::bytea[]) order by sign_in_counter.key for update`,
    all,
  );
  const find = (bucket: Bucket): Level => {
    const row = rows.find(({ key }) => key === keys[bucket].toString('hex'));
    return row ? levelNow(bucket, row.level, row.age) : { level: 0, age: 0 };
  };
  return { pair: find('pair'), account: find('account'), address: find('address') };
}

async function isKnown(em: EntityManager, key: Buffer): Promise<boolean> {
  const rows = await em.execute('select from sign_in_address where key = ?', [key]);
  return rows.length > 0;
}

async function addDrops(em: EntityManager, keys: Keys, levels: Record<Bucket, Level>): Promise<void> {
  for (const bucket of ['pair', 'account', 'address'] as const) {
    const level = Math.min(levels[bucket].level + 1, limits[bucket].highest);
    await em.execute('update sign_in_counter set level = ?, counted_at = clock_timestamp() where key = ?', [
      level,
      keys[bucket],
    ]);
  }
}
