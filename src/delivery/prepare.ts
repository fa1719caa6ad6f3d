import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { plainArray, textArray } from '../database/array-parameters.js';
import { DatabasePool, type SqlStatement } from '../database/database-pool.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { Traces } from '../web/traces.js';
import type { Claim } from './claim.js';
import { FreshEvents } from './fresh-events.js';
import {
  deliveredEventsStatement,
  keepRequestsStatement,
  keptRequestsStatement,
  loadTracesStatement,
  type DeliveredEventRow,
  type KeptRequestRow,
} from './load.sql.js';
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
    private readonly fresh: FreshEvents,
    private readonly environment: Environment,
    private readonly traces: Traces,
  ) {}

  async prepare(claims: readonly Claim[]): Promise<PreparedDelivery[]> {
    const settings = await this.settings.settingsFor(claims);
    // Before its first attempt a delivery has none, as a rule. Where it has, that is found out below.
    const kept = await this.loadKept(claims.filter(({ number }) => number > 1));
    const events = await this.loadEvents(claims.filter(({ deliveryId }) => !kept.has(deliveryId)));
    const traceparents = await this.loadTraces(claims);
    const prepared = claims.map((claim): PreparedDelivery => {
      const { deliveryId, webhookId } = claim;
      const own = settings.get(webhookId)!;
      const request = kept.get(deliveryId) ?? this.rendered(events.get(deliveryId), own);
      return { claim, settings: own, request, traceparent: traceparents.get(deliveryId) ?? null };
    });
    const ready = await this.keepFresh(prepared, kept);
    return ready.some(({ request }) => 'problem' in request) ? this.withKeptRequests(ready) : ready;
  }

  private async loadKept(claims: readonly Claim[]): Promise<Map<number, RenderedRequest>> {
    const rows = await this.loadFor<KeptRequestRow>(keptRequestsStatement, claims);
    return new Map(
      rows.map(({ delivery_id, content_type, body }) => [
        delivery_id,
        { contentType: content_type, body: Buffer.from(body) },
      ]),
    );
  }

  private async loadEvents(claims: readonly Claim[]): Promise<Map<number, DeliveredEventRow>> {
    const fresh = claims.flatMap(({ deliveryId }) => this.fresh.take(deliveryId) ?? []);
    const events = new Map(fresh.map((row) => [row.delivery_id, row]));
    const rows = await this.loadFor<DeliveredEventRow>(
      deliveredEventsStatement,
      claims.filter(({ deliveryId }) => !events.has(deliveryId)),
    );
    for (const row of rows) {
      events.set(row.delivery_id, row);
    }
    return events;
  }

  private async loadFor<Row extends object>(statement: SqlStatement, claims: readonly Claim[]): Promise<Row[]> {
    const ids = claims.map(({ deliveryId }) => deliveryId);
    return ids.length === 0 ? [] : this.database.run<Row & Record<string, unknown>>(statement, [plainArray(ids)]);
  }

  private async loadTraces(claims: readonly Claim[]): Promise<Map<number, string>> {
    const wanted = this.traces.areOn ? claims : [];
    const rows = await this.loadFor<{ id: number; traceparent: string }>(loadTracesStatement, wanted);
    return new Map(rows.map(({ id, traceparent }) => [id, traceparent]));
  }

  private rendered(event: DeliveredEventRow | undefined, settings: WebhookSettings): PreparedDelivery['request'] {
    try {
      return render(event, settings.request, this.records, this.environment.baseUrl);
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  private async keepFresh(
    prepared: PreparedDelivery[],
    kept: ReadonlyMap<number, RenderedRequest>,
  ): Promise<PreparedDelivery[]> {
    const fresh = prepared.filter(({ claim, request }) => !kept.has(claim.deliveryId) && !('problem' in request));
    if (fresh.length === 0) {
      return prepared;
    }
    const requests = fresh.map((delivery) => delivery.request as RenderedRequest);
    const [answer] = await this.database.run<{ kept: number }>(keepRequestsStatement, [
      plainArray(fresh.map((delivery) => delivery.claim.deliveryId)),
      plainArray(fresh.map((delivery) => delivery.claim.organisationId)),
      textArray(requests.map((request) => request.contentType)),
      textArray(requests.map((request) => request.body)),
    ]);
    return answer!.kept < fresh.length ? this.withKeptRequests(prepared) : prepared;
  }

  /** Another worker rendered some of them first, and lost or gave back its claim since: what it kept is what counts. */
  private async withKeptRequests(prepared: readonly PreparedDelivery[]): Promise<PreparedDelivery[]> {
    const kept = await this.loadKept(prepared.map((delivery) => delivery.claim));
    return prepared.map((delivery) => {
      const request = kept.get(delivery.claim.deliveryId);
      return request ? { ...delivery, request } : delivery;
    });
  }
}
