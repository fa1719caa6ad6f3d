import { excerpt } from '../responses/responses-page.js';
import { responsesHref } from '../responses/response-filters.js';
import { scoreView } from '../responses/response-view.js';
import { momentIn } from '../web/moment.js';
import { DAYS, type Commented, type DayCounts } from './daily-scores.js';
import { FEW_RESPONSES, netPromoterScore, type BandCounts, type NetPromoterScore } from './net-promoter-score.js';
import { scoresPicture, totalOf } from './scores-picture.js';

/** What views/dashboard/index.hbs shows, apart from what other rooms put there. */
export function dashboardView(days: readonly DayCounts[], comments: readonly Commented[], timeZone: string) {
  const period = { from: days[0]!.day, to: days.at(-1)!.day };
  const counts = sumOf(days);
  const n = totalOf(counts);
  return {
    days: DAYS,
    score: npsView(netPromoterScore(counts)),
    count: { label: wordsOf(n), href: responsesHref(period) },
    bands: bandsView(counts, period),
    picture: n === 0 ? null : scoresPicture(days, dayWords),
    pictureWords: pictureWords(days, counts),
    dayRows: days
      .filter((day) => totalOf(day) > 0)
      .map(dayView)
      .toReversed(),
    comments: comments.map((comment) => commentView(comment, timeZone)),
    timeZone,
  };
}

/** Signed and with the true minus, as people write it: `+40`, `0`, `−9`. */
export function signed(score: number): string {
  const whole = Math.round(score);
  return whole < 0 ? `−${-whole}` : `${whole > 0 ? '+' : ''}${Math.abs(whole)}`;
}

function npsView(nps: NetPromoterScore) {
  if (nps.kind === 'none') {
    return { headline: null, words: `No responses in the last ${DAYS} days.` };
  }
  if (nps.kind === 'few') {
    return { headline: null, words: `Too few responses to say: a score needs at least ${FEW_RESPONSES}.` };
  }
  return {
    headline: signed(nps.score),
    words: `With 95 % certainty between ${signed(nps.low)} and ${signed(nps.high)}.`,
  };
}

function bandsView(counts: BandCounts, period: { from: string; to: string }) {
  const n = totalOf(counts);
  return (['promoter', 'passive', 'detractor'] as const).map((band) => {
    const count = counts[`${band}s`];
    return {
      kind: band,
      label: bandWords[band],
      count: count.toLocaleString('en'),
      share: n === 0 ? '' : `${((100 * count) / n).toFixed(0)} %`,
      href: responsesHref({ ...period, band }),
    };
  });
}

const bandWords = {
  promoter: 'Promoters (9–10)',
  passive: 'Passives (7–8)',
  detractor: 'Detractors (0–6)',
} as const;

function pictureWords(days: readonly DayCounts[], counts: BandCounts): string {
  const busiest = days.reduce((most, day) => (totalOf(day) > totalOf(most) ? day : most));
  return (
    `${wordsOf(totalOf(counts))} from ${dayWords(days[0]!.day)} to ${dayWords(days.at(-1)!.day)}: ` +
    `${counts.promoters.toLocaleString('en')} promoters, ${counts.passives.toLocaleString('en')} passives and ` +
    `${counts.detractors.toLocaleString('en')} detractors. The most on one day: ` +
    `${totalOf(busiest).toLocaleString('en')}, on ${dayWords(busiest.day)}.`
  );
}

function dayView(counts: DayCounts) {
  const { day } = counts;
  const ofBand = (band: 'promoter' | 'passive' | 'detractor') => ({
    label: String(counts[`${band}s`]),
    href: counts[`${band}s`] > 0 ? responsesHref({ from: day, to: day, band }) : null,
  });
  return {
    day: dayWords(day),
    total: { label: String(totalOf(counts)), href: responsesHref({ from: day, to: day }) },
    promoters: ofBand('promoter'),
    passives: ofBand('passive'),
    detractors: ofBand('detractor'),
  };
}

function commentView(comment: Commented, timeZone: string) {
  return {
    href: `/responses/${comment.id}`,
    title: comment.ticket_id || `Response ${comment.id}`,
    customer: comment.customer_name || comment.customer_id,
    score: scoreView(comment.overall),
    text: excerpt(comment.comments),
    answeredAt: momentIn(timeZone, comment.completed_at),
  };
}

function sumOf(days: readonly DayCounts[]): BandCounts {
  const sum = { promoters: 0, passives: 0, detractors: 0 };
  for (const { promoters, passives, detractors } of days) {
    sum.promoters += promoters;
    sum.passives += passives;
    sum.detractors += detractors;
  }
  return sum;
}

function wordsOf(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'response' : 'responses'}`;
}

/** `22 Nov`: the day is a name already, whatever the zone. */
function dayWords(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
}
