import { Module } from '@nestjs/common';
import { ReceiverPageController } from './receiver-page.controller.js';
import { ReceiverController } from './receiver.controller.js';
import { ReceiverSettings } from './receiver-settings.js';

@Module({ controllers: [ReceiverPageController, ReceiverController], providers: [ReceiverSettings] })
export class ReceiverModule {}
