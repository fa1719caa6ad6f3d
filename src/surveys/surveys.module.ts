import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Survey } from './survey.entity.js';

@Module({ imports: [MikroOrmModule.forFeature([Survey])] })
export class SurveysModule {}
