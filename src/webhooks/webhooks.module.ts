import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { SigningSecret, Webhook, WebhookAuthorization } from './webhook.entity.js';

@Module({ imports: [MikroOrmModule.forFeature([Webhook, WebhookAuthorization, SigningSecret])] })
export class WebhooksModule {}
