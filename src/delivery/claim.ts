import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import type { Allowed } from './pace.js';
import { claimStatement, LANES_A_CLAIM, releaseStatement, type ClaimRow } from './claim.sql.js';

/** A lease covers the webhook's own deadline for a call and, after it, this long to record what came of it. */
export const SECONDS_TO_RECORD = 15;

/** Whatever has not begun by then is given up: too little of the lease would be left to record it. */
export const LATEST_BEGIN_MS = 10_000;

/** The right to make one attempt, held until the lease runs out or the outcome is recorded. */
export interface Claim {
  claimId: string;
  deliveryId: number;
  kind: 'automatic' | 'manual';
  organisationId: number;
  webhookId: number;
  webhookVersion: number;
  /** The number of this attempt in the delivery, automatic and manual ones counted together. */
  number: number;
  /** Automatic attempts that failed before this one. */
  spent: number;
  /** When the lease began, on this process's monotonic clock in milliseconds. */
  leasedAt: number;
  /** When it ends, by the same clock; by the database's it is a little later. */
  leaseEndsAt: number;
}

interface Lane {
  organisation_id: number;
  webhook_id: number;
  test: boolean;
}

/** What may be claimed. */
export interface Grant {
  slots: number;
  /** How many more calls each webhook may have, where it is fewer than its own limit leaves. */
  allowed: Allowed;
}

export interface Claimed {
  claims: Claim[];
  /**
   * No lane is left that could have given more: in one claim or several, the walk has come round to where it began, neither
   * the number of slots nor a lane's share of them cut any, and nothing became due behind its back.
   */
  sawAll: boolean;
  /** Since the round began, a lane gave all that it may have under way at once: a call that ends lets it give more. */
  isHeldBack: boolean;
}

const EVERYTHING: Allowed = { webhookIds: [], calls: [], others: 2 ** 31 - 1 };

const START: Lane = { organisation_id: 0, webhook_id: 0, test: false };

/** Claims due attempts for this process, lane by lane from where it stopped last. */
@Injectable()
export class Claimer {
  private cursor = START;
  private round = { from: START, newsBefore: 0, isHeldBack: false };
  /** How often something may have become due. */
  private news = 0;

  constructor(private readonly database: DatabasePool) {}

  /**
   * Claims at most `slots` attempts.
   *
   * @param allowed how many more calls each webhook may have, where it is fewer than its own limit leaves
   */
  async claim(slots: number, allowed: Allowed = EVERYTHING): Promise<Claimed> {
    const claimId = randomUUID();
    const leasedAt = performance.now();
    if (this.cursor === this.round.from) {
      this.round.newsBefore = this.news;
    }
    const rows = await this.database.run<ClaimRow>(claimStatement, [
      this.cursor.organisation_id,
      this.cursor.webhook_id,
      this.cursor.test,
      slots,
      claimId,
      SECONDS_TO_RECORD,
      allowed.webhookIds,
      allowed.calls,
      allowed.others,
    ]);
    const claims = rows.filter((row) => row.delivery_id !== null).map((row) => claimOf(row, claimId, leasedAt));
    return { claims, ...this.turnCursor(rows, claims.length >= slots) };
  }

  /** Any lane may have something due again, those among them that the walk has come by. */
  becameDue(): void {
    this.news += 1;
  }

  /** What was cut begins a new round, with whoever's turn is next: behind the last lane that got as much as any. */
  private turnCursor(rows: readonly ClaimRow[], isCut: boolean): Omit<Claimed, 'claims'> {
    const from = this.cursor;
    this.cursor = (isCut ? lastServed(rows) : rows.at(-1)) ?? from;
    const isHeldBack = this.round.isHeldBack || isOneHeldBack(rows);
    if (isCut || isOneCut(rows)) {
      this.beginRound();
      return { sawAll: false, isHeldBack };
    }
    if (countLanes(rows) === LANES_A_CLAIM && !isOnTheWay(from, this.round.from, this.cursor)) {
      this.round.isHeldBack = isHeldBack;
      return { sawAll: false, isHeldBack };
    }
    const sawAll = this.news === this.round.newsBefore;
    this.beginRound();
    return { sawAll, isHeldBack };
  }

  private beginRound(): void {
    this.round = { from: this.cursor, newsBefore: this.news, isHeldBack: false };
  }

  /** Hands back claims whose calls were not begun; they are due again as if never claimed. */
  async release(claims: readonly Claim[]): Promise<void> {
    for (const claimId of new Set(claims.map((claim) => claim.claimId))) {
      const deliveryIds = claims.filter((claim) => claim.claimId === claimId).map((claim) => claim.deliveryId);
      await this.database.run(releaseStatement, [claimId, deliveryIds]);
    }
  }
}

/** @param row of a claim that was just made, under this id, by a statement that was sent at `leasedAt` */
export function claimOf(row: Omit<ClaimRow, 'test' | 'free' | 'most'>, claimId: string, leasedAt: number): Claim {
  return {
    claimId,
    deliveryId: row.delivery_id!,
    kind: row.kind,
    organisationId: row.organisation_id,
    webhookId: row.webhook_id,
    webhookVersion: row.webhook_version,
    number: row.number,
    spent: row.spent,
    leasedAt,
    leaseEndsAt: leasedAt + (row.deadline + SECONDS_TO_RECORD) * 1000,
  };
}

/** The last lane of a walk that got as many of the slots as any: whoever comes behind it is next. */
function lastServed(rows: readonly ClaimRow[]): ClaimRow | undefined {
  const given = countBy(rows, laneKey);
  const most = rows.reduce((sofar, row) => Math.max(sofar, given(row)), 0);
  return rows.findLast((row) => given(row) === most);
}

function countLanes(rows: readonly ClaimRow[]): number {
  return new Set(rows.map(laneKey)).size;
}

/** Whether a walk from behind one lane up to another one came by a third. A walk goes on with the first lane behind the last one. */
function isOnTheWay(from: Lane, lane: Lane, to: Lane): boolean {
  const isBehind = compareLanes(from, lane) < 0;
  const isReached = compareLanes(lane, to) <= 0;
  return compareLanes(from, to) < 0 ? isBehind && isReached : isBehind || isReached;
}

/** By the order in which lanes are walked. */
function compareLanes(one: Lane, other: Lane): number {
  return (
    one.organisation_id - other.organisation_id ||
    one.webhook_id - other.webhook_id ||
    Number(one.test) - Number(other.test)
  );
}

/** Whether a webhook gave all that it might have. */
function isOneHeldBack(rows: readonly ClaimRow[]): boolean {
  const given = countBy(rows, webhookKey);
  return rows.some((row) => row.free !== null && given(row) >= row.free);
}

/** Whether a lane gave as much as it could in one claim, while its webhook might have more. */
function isOneCut(rows: readonly ClaimRow[]): boolean {
  const given = countBy(rows, laneKey);
  return rows.some((row) => row.most !== null && given(row) >= row.most);
}

/** How many attempts were claimed of those with the same key as a row. */
function countBy(rows: readonly ClaimRow[], keyOf: (row: ClaimRow) => string): (row: ClaimRow) => number {
  const given = new Map<string, number>();
  for (const row of rows) {
    const key = keyOf(row);
    given.set(key, (given.get(key) ?? 0) + (row.delivery_id === null ? 0 : 1));
  }
  return (row) => given.get(keyOf(row))!;
}

function webhookKey({ webhook_id }: ClaimRow): string {
  return String(webhook_id);
}

function laneKey(row: Lane): string {
  return `${row.organisation_id} ${row.webhook_id} ${row.test}`;
}
