import { Global, Module } from '@nestjs/common';
import { Outbox } from './outbox.js';
import { WakeUp } from './wake-up.js';

@Global()
@Module({ providers: [Outbox, WakeUp], exports: [Outbox, WakeUp] })
export class OutboxModule {}
