import { Module } from '@nestjs/common';
import { OutboundModule } from '../outbound/outbound.module.js';
import { IntegrationPreferencesController } from './preferences.controller.js';

@Module({ imports: [OutboundModule], controllers: [IntegrationPreferencesController] })
export class IntegrationPreferencesModule {}
