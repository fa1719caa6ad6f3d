import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Keyring } from '../config/keyring.js';
import { DatabasePool } from '../database/database-pool.js';
import { decryptSecret } from '../database/encryption.js';
import { basicAuthorization } from '../outbound/basic-authorization.js';
import { signingKey } from '../outbound/signature.js';
import { passwordLocation, signingSecretLocation } from '../webhooks/secret-locations.js';
import type { DeliveryPolicy, RequestDefinition } from '../webhooks/webhook-definition.js';
import type { Claim } from './claim.js';
import { loadWebhooksStatement, type WebhookRow } from './load.sql.js';

/** A webhook as calls use it, secrets decrypted. Lives in memory only. */
export interface WebhookSettings {
  version: number;
  request: RequestDefinition;
  policy: DeliveryPolicy;
  /** The Authorization header, null without credentials. */
  authorization: string | null;
  signingKeys: readonly KeyObject[];
  /** Why the credentials cannot be used, in words; then no call is made. */
  problem: string | null;
}

const MAXIMUM_KEPT = 5_000;
const KEPT_MS = 60_000;

/**
 * The current URL, credentials and secrets of webhooks. A claim names the version its webhook had, so
 * that what was read before serves as long as it is current, for a minute at most, because a secret
 * can run out without a change of version.
 */
@Injectable()
export class WebhookSettingsReader {
  private readonly kept = new Map<number, { settings: WebhookSettings; readAt: number }>();

  constructor(
    private readonly database: DatabasePool,
    private readonly keyring: Keyring,
  ) {}

  async settingsFor(claims: readonly Claim[]): Promise<Map<number, WebhookSettings>> {
    if (this.kept.size + claims.length > MAXIMUM_KEPT) {
      this.kept.clear();
    }
    const missing = claims.filter((claim) => !this.isCurrent(claim)).map((claim) => claim.webhookId);
    if (missing.length > 0) {
      await this.read([...new Set(missing)]);
    }
    return new Map(claims.map(({ webhookId }) => [webhookId, this.kept.get(webhookId)!.settings]));
  }

  private isCurrent(claim: Claim): boolean {
    const kept = this.kept.get(claim.webhookId);
    return (
      kept !== undefined && kept.settings.version >= claim.webhookVersion && kept.readAt > performance.now() - KEPT_MS
    );
  }

  private async read(webhookIds: number[]): Promise<void> {
    for (const row of await this.database.run<WebhookRow>(loadWebhooksStatement, [webhookIds])) {
      this.kept.set(row.id, { settings: this.settingsOf(row), readAt: performance.now() });
    }
  }

  /** Secrets that cannot be read stop their own webhook's calls, never the worker. */
  private settingsOf(row: WebhookRow): WebhookSettings {
    const settings = { version: row.version, request: row.request, policy: row.policy };
    try {
      return {
        ...settings,
        authorization: this.authorizationOf(row),
        signingKeys: row.secrets.map(({ id, encrypted }) =>
          signingKey(decryptSecret(this.keyring, encrypted, signingSecretLocation(row.organisation_id, id))),
        ),
        problem: null,
      };
    } catch (error) {
      return { ...settings, authorization: null, signingKeys: [], problem: (error as Error).message };
    }
  }

  private authorizationOf(row: WebhookRow): string | null {
    if (row.authorization_id === null) {
      return null;
    }
    const password =
      row.password_encrypted === null
        ? ''
        : decryptSecret(
            this.keyring,
            row.password_encrypted,
            passwordLocation(row.organisation_id, row.authorization_id),
          );
    return row.username || password ? basicAuthorization(row.username ?? '', password) : null;
  }
}
