import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { ResponseExport } from './response-export.js';
import { ResponseList } from './response-list.js';
import { responseRecord } from './response-record.js';
import { Response, Submission } from './response.entity.js';
import { ResponsesPageController } from './responses-page.controller.js';
import { ResponsesController } from './responses.controller.js';
import { ResponseSubmitter } from './submit-response.js';

@Module({
  imports: [MikroOrmModule.forFeature([Response, Submission])],
  controllers: [ResponsesController, ResponsesPageController],
  providers: [ResponseList, ResponseExport, ResponseSubmitter],
  exports: [ResponseSubmitter],
})
export class ResponsesModule {
  constructor(records: RecordCatalogue) {
    records.register(responseRecord);
  }
}
