import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Client } from 'pg';
import { DatabasePool, PATIENCE } from '../database/database-pool.js';
import { ImpatientClient } from '../database/lost-connections.js';

const CHANNEL = 'answerback_work';
const DEBOUNCE_MS = 10;
const RECONNECT_MS = 1_000;
/** A connection that only listens would never notice that its other end is gone. */
const HEARTBEAT_MS = 15_000;

/** What a listener is told: there are events to take, and nothing else, or there may be anything to do. */
export type Work = 'events' | 'any';

/**
 * Says that there is work: at once to this process, and to the others by one NOTIFY for all that
 * happens within 10 ms. Called after a commit, never within a transaction: NOTIFY serialises commits.
 * A lost signal costs latency only, because consumers also poll.
 */
@Injectable()
export class WakeUp implements OnModuleDestroy {
  private readonly logger = new Logger(WakeUp.name);
  /** What it says to the others, so that it does not wake this process a second time. */
  private readonly sender = randomUUID();
  private readonly listeners = new Set<(work: Work) => void>();
  private pendingWork: Work = 'events';
  private pendingNotify: NodeJS.Timeout | undefined;
  private reconnect: NodeJS.Timeout | undefined;
  private listening: Client | undefined;
  private closed = false;

  constructor(private readonly database: DatabasePool) {}

  signal(work: Work): void {
    this.wakeListeners(work);
    this.tellOthers(work);
  }

  /** For what this process knows of already. */
  tellOthers(work: Work): void {
    this.pendingWork = work === 'any' ? 'any' : this.pendingWork;
    this.pendingNotify ??= setTimeout(() => {
      const message = `${this.sender} ${this.pendingWork}`;
      this.pendingNotify = undefined;
      this.pendingWork = 'events';
      this.database
        .query(`notify ${CHANNEL}, '${message}'`)
        .catch((error: Error) => this.logger.debug(`No NOTIFY: ${error.message}`));
    }, DEBOUNCE_MS);
  }

  onSignal(listener: (work: Work) => void): void {
    this.listeners.add(listener);
  }

  /** Starts hearing other processes; after every reconnect it wakes everybody once, for what was missed. */
  async listen(): Promise<void> {
    const client = new ImpatientClient({ connectionString: this.database.url, ...PATIENCE });
    this.listening = client;
    client.on('notification', ({ payload = '' }) => {
      const [sender, work] = payload.split(' ');
      if (sender !== this.sender) {
        this.wakeListeners(work === 'events' ? work : 'any');
      }
    });
    client.on('error', (error) => this.logger.warn(`The LISTEN connection broke: ${error.message}`));
    const heartbeat = setInterval(() => client.query('select 1').catch(() => undefined), HEARTBEAT_MS);
    client.on('end', () => {
      clearInterval(heartbeat);
      this.listenAgainLater();
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.wakeListeners('any');
    } catch (error) {
      this.logger.warn(`No LISTEN connection, polling meanwhile: ${(error as Error).message}`);
      clearInterval(heartbeat);
      await client.end().catch(() => undefined);
      this.listenAgainLater();
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pendingNotify);
    clearTimeout(this.reconnect);
    await this.listening?.end().catch(() => undefined);
  }

  private wakeListeners(work: Work): void {
    for (const listener of this.listeners) {
      listener(work);
    }
  }

  private listenAgainLater(): void {
    if (!this.closed) {
      clearTimeout(this.reconnect);
      this.reconnect = setTimeout(() => void this.listen(), RECONNECT_MS);
    }
  }
}
