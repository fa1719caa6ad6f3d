import { Global, Module } from '@nestjs/common';
import { RecordCatalogue } from './record-catalogue.js';

@Global()
@Module({ providers: [RecordCatalogue], exports: [RecordCatalogue] })
export class RecordsModule {}
