import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { responseRecord } from './response-record.js';
import { Response, Submission } from './response.entity.js';
import { ResponsesController } from './responses.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Response, Submission])], controllers: [ResponsesController] })
export class ResponsesModule {
  constructor(records: RecordCatalogue) {
    records.register(responseRecord);
  }
}
