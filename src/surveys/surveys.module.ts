import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Survey } from './survey.entity.js';
import { SurveysController } from './surveys.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Survey])], controllers: [SurveysController] })
export class SurveysModule {}
