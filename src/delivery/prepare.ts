import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { plainArray, textArray } from '../database/array-parameters.js';
import { DatabasePool } from '../database/database-pool.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { Traces } from '../web/traces.js';
import type { Claim } from './claim.js';
import { keepRequestsStatement, loadRequestsStatement, loadTracesStatement, type RequestRow } from './load.sql.js';
import { render, type RenderedRequest } from './render.js';
import { WebhookSettingsReader, type WebhookSettings } from './webhook-settings.js';

/** A claimed attempt with all that its call needs. */
export interface PreparedDelivery {
  claim: Claim;
  settings: WebhookSettings;
  /** What is sent, or why it could not be rendered. */
  request: RenderedRequest | { problem: string };
  /** Of the submission that it comes from, where traces are on. */
  traceparent: string | null;
}

/**
 * Gathers what a batch of claims sends, and keeps what is rendered for the first time before anything
 * is sent: one statement each, however many deliveries there are.
 */
@Injectable()
export class Preparer {
  constructor(
    private readonly database: DatabasePool,
    private readonly settings: WebhookSettingsReader,
    private readonly records: RecordCatalogue,
    private readonly environment: Environment,
    private readonly traces: Traces,
  ) {}

  async prepare(claims: readonly Claim[]): Promise<PreparedDelivery[]> {
    const settings = await this.settings.settingsFor(claims);
    const requests = await this.load(claims);
    const traceparents = await this.loadTraces(claims);
    const prepared = claims.map((claim) => {
      const own = settings.get(claim.webhookId)!;
      const traceparent = traceparents.get(claim.deliveryId) ?? null;
      return { claim, settings: own, traceparent, ...this.requestOf(requests.get(claim.deliveryId)!, own) };
    });
    return this.keepFresh(prepared);
  }

  private async load(claims: readonly Claim[]): Promise<Map<number, RequestRow>> {
    const ids = claims.map((claim) => claim.deliveryId);
    const rows = await this.database.run<RequestRow>(loadRequestsStatement, [ids]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  private async loadTraces(claims: readonly Claim[]): Promise<Map<number, string>> {
    if (!this.traces.areOn) {
      return new Map();
    }
    const ids = claims.map((claim) => claim.deliveryId);
    const rows = await this.database.run<{ id: number; traceparent: string }>(loadTracesStatement, [ids]);
    return new Map(rows.map(({ id, traceparent }) => [id, traceparent]));
  }

  private requestOf(row: RequestRow, settings: WebhookSettings): Pick<FreshDelivery, 'request' | 'fresh'> {
    if (row.body !== null && row.content_type !== null) {
      return { request: { contentType: row.content_type, body: row.body }, fresh: false };
    }
    try {
      return { request: render(row, settings.request, this.records, this.environment.baseUrl), fresh: true };
    } catch (error) {
      return { request: { problem: (error as Error).message }, fresh: false };
    }
  }

  private async keepFresh(prepared: readonly FreshDelivery[]): Promise<PreparedDelivery[]> {
    const fresh = prepared.filter((delivery) => delivery.fresh);
    if (fresh.length === 0) {
      return [...prepared];
    }
    const requests = fresh.map((delivery) => delivery.request as RenderedRequest);
    const [answer] = await this.database.run<{ kept: number }>(keepRequestsStatement, [
      plainArray(fresh.map((delivery) => delivery.claim.deliveryId)),
      plainArray(fresh.map((delivery) => delivery.claim.organisationId)),
      textArray(requests.map((request) => request.contentType)),
      textArray(requests.map((request) => request.body)),
    ]);
    if (answer!.kept < fresh.length) {
      return this.withKeptRequests(prepared);
    }
    return [...prepared];
  }

  /** Another worker rendered some of them first, and lost its claim since: what it kept is what counts. */
  private async withKeptRequests(prepared: readonly FreshDelivery[]): Promise<PreparedDelivery[]> {
    const requests = await this.load(prepared.map((delivery) => delivery.claim));
    return prepared.map((delivery) => {
      const row = requests.get(delivery.claim.deliveryId);
      return row && row.body !== null && row.content_type !== null
        ? { ...delivery, request: { contentType: row.content_type, body: row.body } }
        : delivery;
    });
  }
}

type FreshDelivery = PreparedDelivery & { fresh: boolean };
