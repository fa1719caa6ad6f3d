import { Module } from '@nestjs/common';
import { ReceiverPageController } from './receiver-page.controller.js';
import { ReceiverController } from './receiver.controller.js';

@Module({ controllers: [ReceiverPageController, ReceiverController] })
export class ReceiverModule {}
