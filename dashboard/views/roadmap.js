// The roadmap: years 1 to 3 month by month, what is planned, how far it has come, where today is.

import { get } from '../api.js'
import { fill, h } from '../dom.js'
import { figure, monthLong, monthsBetween, monthShort, share } from '../format.js'
import { named, t, word } from '../i18n.js'
import { asKnown, keepKnown } from '../known_at.js'
import { live } from '../live.js'
import { scrolling } from '../parts.js'
import { legend, statusMark, toneOf } from '../status.js'
import { scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'RoadmapItem'>} Bar
 */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  const month = query.get('month')
  /** @returns {Promise<[Scorecard, Schema<'Roadmap'>]>} */
  const load = () =>
    Promise.all([
      get(asKnown(`${base}?include=causes,links,alerts${month ? `&month=${encodeURIComponent(month)}` : ''}`), signal),
      get(asKnown(`${base}/roadmap`), signal),
    ])
  await live(context, load, ([card, roadmap]) => {
    context.setTitle(`${t('tab.roadmap')} ${named(card.name)}`)
    fill(
      outlet,
      scorecardHead(card, 'roadmap'),
      h('p', { class: 'lead' }, t('roadmap.lead', { month: monthLong(card.month) })),
      roadmapTable(card, roadmap),
      legend(),
    )
  })
}

/** @param {Scorecard} card @param {Schema<'Roadmap'>} roadmap */
export function roadmapTable(card, roadmap) {
  const bars = new Map(roadmap.items.map(bar => [bar.key, bar]))
  const count = roadmap.months.length
  const now = monthsBetween(card.start_month, card.month) + 1
  const years = Array.from({ length: Math.ceil(count / 12) }, (_, index) => index)
  return scrolling(
    t('tab.roadmap'),
    h(
      'table',
      { class: 'roadmap', variables: { months: count, now: Math.min(now, count) } },
      h('caption', { class: 'sr-only' }, t('tab.roadmap')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('item.name')),
          h('th', { scope: 'col' }, t('item.status')),
          h(
            'th',
            { scope: 'col', class: 'roadmap-months' },
            h(
              'div',
              { class: 'roadmap-years' },
              years.map(year =>
                h(
                  'span',
                  null,
                  t('roadmap.year', { year: year + 1 }),
                  h('span', { class: 'quiet' }, ` ${monthLong(roadmap.months[year * 12])}–`),
                ),
              ),
            ),
            h(
              'div',
              { class: 'roadmap-scale', 'aria-hidden': 'true' },
              roadmap.months.map((month, index) => (index % 3 === 0 ? h('span', null, monthShort(month)) : null)),
            ),
            h('span', { class: 'roadmap-now' }, h('span', null, t('roadmap.now', { month: monthShort(card.month) }))),
          ),
        ),
      ),
      card.perspectives
        .filter(perspective => perspective.steps.length > 0)
        .map(perspective =>
          h(
            'tbody',
            null,
            h('tr', { class: 'roadmap-lane' }, h('th', { scope: 'rowgroup', colSpan: 3 }, named(perspective.name))),
            perspective.steps.flatMap(step =>
              step.items.map(item =>
                h(
                  'tr',
                  null,
                  h(
                    'th',
                    { scope: 'row' },
                    h(
                      'a',
                      { href: keepKnown(`/scorecards/${card.id}/items/${item.key}?month=${card.month}`) },
                      named(item.name),
                    ),
                    item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')),
                  ),
                  h('td', null, statusMark(item.status, item.flag)),
                  h('td', { class: 'roadmap-cell' }, track(item, bars.get(item.key), roadmap.months)),
                ),
              ),
            ),
          ),
        ),
    ),
  )
}

/** @param {Item} item @param {Bar | undefined} bar @param {string[]} months */
function track(item, bar, months) {
  const tone = `tone-edge-${toneOf(item.status, item.flag)}`
  if (bar?.bar) {
    const [from = 1, to = 1] = bar.bar
    const done = item.target ? Math.min((item.actual ?? 0) / item.target, 1) : 0
    return h(
      'div',
      { class: `roadmap-bar ${tone}`, variables: { from, to, done } },
      h(
        'span',
        null,
        figure(item.actual, item.unit, item.measure),
        item.measure !== 'milestone' && ` / ${figure(item.target, item.unit, item.measure)}`,
      ),
      h(
        'span',
        { class: 'sr-only' },
        t('roadmap.bar', { from: monthLong(months[from - 1]), to: monthLong(months[to - 1]), done: share(done) }),
      ),
    )
  }
  const yearly = (bar?.targets ?? []).filter(
    target => target.year && target.value !== null && target.value !== undefined,
  )
  const first = yearly[0]?.year
  if (!first) return h('span', { class: 'quiet roadmap-text' }, word('status', 'untargeted'))
  return h(
    'div',
    {
      class: `roadmap-bar roadmap-yearly ${tone}`,
      variables: { from: (first - 1) * 12 + 1, to: months.length, done: Math.min(item.attainment ?? 0, 1) },
    },
    h('span', null, t('roadmap.yearly', { target: figure(yearly[0]?.value, item.unit, item.measure) })),
    h('span', { class: 'sr-only' }, t('roadmap.from_year', { year: first })),
  )
}
