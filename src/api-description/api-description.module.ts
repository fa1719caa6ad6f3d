import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ApiWebhooks } from '../web/api-webhooks.js';
import { ApiDescription } from './api-description.js';
import { ApiDescriptionController } from './api-description.controller.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [ApiDescriptionController],
  providers: [ApiWebhooks, ApiDescription],
  exports: [ApiWebhooks],
})
export class ApiDescriptionModule {}
