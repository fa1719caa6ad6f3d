import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Environment } from '../config/environment.js';
import { ApiWebhooks } from '../web/api-webhooks.js';
import { describedRoutes } from './described-routes.js';
import { openApiDocument } from './document.js';
import type { OpenApiDocument } from './openapi.js';

/** The description of the API, made once at the start: what cannot be described stops it. */
@Injectable()
export class ApiDescription implements OnApplicationBootstrap {
  private made?: OpenApiDocument;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly webhooks: ApiWebhooks,
    private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    if (this.environment.roles.web) {
      this.made = openApiDocument(describedRoutes(this.discovery), this.webhooks.all(), this.environment.baseUrl);
    }
  }

  /** In a process that serves the web. */
  get document(): OpenApiDocument {
    return this.made!;
  }
}
