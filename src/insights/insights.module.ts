import { Module } from '@nestjs/common';
import { DailyScores } from './daily-scores.js';
import { DashboardController } from './dashboard.controller.js';

@Module({ controllers: [DashboardController], providers: [DailyScores] })
export class InsightsModule {}
