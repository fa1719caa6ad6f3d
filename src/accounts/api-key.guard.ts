import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Problem } from '../web/problem.js';
import { ApiKey, apiKeyHash } from './api-key.entity.js';
import type { AccountRequest } from './current.js';
import { Organisation } from './organisation.entity.js';

const BEARER = /^Bearer +([A-Za-z0-9_-]+)$/i;
/** Writing the time of each use would make every read of the API a write. */
const USE_NOTED_EVERY = "interval '1 minute'";

/** Lets in who shows an API key, and tells the route whose it is. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly em: EntityManager) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AccountRequest>();
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const found = key && (await this.em.findOne(ApiKey, { keyHash: apiKeyHash(key), revokedAt: null }));
    if (!found) {
      throw new Problem(
        401,
        key ? 'invalid_api_key' : 'missing_api_key',
        key ? 'This API key is unknown or was revoked.' : 'Send an API key: "Authorization: Bearer <key>".',
      );
    }
    await this.noteUse(found);
    request.organisation = await this.em.findOneOrFail(Organisation, found.organisationId);
    return true;
  }

  private async noteUse(key: ApiKey): Promise<void> {
    await this.em.execute(
      `update api_key set last_used_at = clock_timestamp()
        where id = ? and (last_used_at is null or last_used_at < clock_timestamp() - ${USE_NOTED_EVERY})`,
      [key.id],
    );
  }
}
