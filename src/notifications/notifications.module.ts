import { Global, Module } from '@nestjs/common';
import { MailQueue } from './mail-queue.js';
import { MailSender } from './mail-sender.js';
import { MailServer } from './mail-server.js';

@Global()
@Module({ providers: [MailQueue, MailServer, MailSender], exports: [MailQueue] })
export class NotificationsModule {}
