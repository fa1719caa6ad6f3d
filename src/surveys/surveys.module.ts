import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Survey } from './survey.entity.js';
import { SurveysPageController } from './surveys-page.controller.js';
import { SurveysController } from './surveys.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Survey])], controllers: [SurveysController, SurveysPageController] })
export class SurveysModule {}
